import { type RenderedProcess, START_TIMEOUT_SECONDS, WEB_PORT } from '@slipway/domain'
import type { Container, Probe } from 'kubernetes-types/core/v1.d.ts'
import { PORT_NAME } from '../pod.ts'
import { service } from '../service.ts'
import { deployment } from './deployment.ts'
import type { ProcessRenderer } from './process.ts'

/** What ends right after it listens is seen within this, and the old instance stays. A second more kept every push waiting. */
const MIN_READY_SECONDS = 1

/**
 * How long a stopping web instance goes on serving before it gets SIGTERM, in seconds: the time that endpoints and
 * ingresses need to take it off their lists. Counts against the grace period.
 */
const PRE_STOP_SECONDS = 5

const tcpProbe = (timing: Omit<Probe, 'tcpSocket'>): Probe => ({ tcpSocket: { port: PORT_NAME }, ...timing })

/**
 * Probes and stop pause of a web container. A process that does not listen is never sent a request; one that stopped
 * accepting connections for a minute is started again.
 * Reference: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
function lifecycle({ startTimeoutSeconds = START_TIMEOUT_SECONDS }: RenderedProcess) {
  return {
    ports: [{ name: PORT_NAME, containerPort: WEB_PORT, protocol: 'TCP' }],
    startupProbe: tcpProbe({ periodSeconds: 1, timeoutSeconds: 1, failureThreshold: startTimeoutSeconds }),
    readinessProbe: tcpProbe({ periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 }),
    livenessProbe: tcpProbe({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } },
  } satisfies Partial<Container>
}

/** Listens on PORT and gets requests. */
export const web: ProcessRenderer = {
  services: (app, process) => [service(app, process)],
  workload: (app, process) =>
    deployment(app, process, {
      minReadySeconds: MIN_READY_SECONDS,
      env: [{ name: 'PORT', value: String(WEB_PORT) }],
      lifecycle: lifecycle(process),
    }),
}
