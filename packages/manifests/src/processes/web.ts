import { WEB_PORT } from '@slipway/domain'
import { lifecycleOf } from '../probes.ts'
import { service } from '../service.ts'
import { deployment } from './deployment.ts'
import type { ProcessRenderer } from './process.ts'

/** What ends right after it listens is seen within this, and the old instance stays. A second more kept every push waiting. */
const MIN_READY_SECONDS = 1

/** Listens on PORT and gets requests. */
export const web: ProcessRenderer = {
  services: (app, process) => [service(app, process)],
  workload: (app, process) =>
    deployment(app, process, {
      minReadySeconds: MIN_READY_SECONDS,
      env: [{ name: 'PORT', value: String(WEB_PORT) }],
      lifecycle: lifecycleOf(process),
    }),
}
