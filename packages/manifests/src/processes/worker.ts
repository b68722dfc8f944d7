import { lifecycleOf } from '../probes.ts'
import { deployment } from './deployment.ts'
import type { ProcessRenderer } from './process.ts'

/** Longer than for what is probed: nothing else tells whether a worker has come up. */
const MIN_READY_SECONDS = 5

/** Runs, and gets no requests. */
export const worker: ProcessRenderer = {
  services: () => [],
  workload: (app, process) =>
    deployment(app, process, { minReadySeconds: MIN_READY_SECONDS, lifecycle: lifecycleOf(process) }),
}
