import {
  DRAIN_SECONDS,
  GRACE_SECONDS,
  HEALTH_CHECK_TIMINGS,
  isRouted,
  type RenderedProcess,
  START_TIMEOUT_SECONDS,
  WEB_PORT,
} from '@slipway/domain'
import type { Container, Probe } from 'kubernetes-types/core/v1.d.ts'
import { type ContainerParts, PORT_NAME } from './pod.ts'

/** Name of the port of a health check that has one of its own. */
const CHECK_PORT_NAME = 'health'

const tcpProbe = (port: string, timing: Omit<Probe, 'tcpSocket'>): Probe => ({ tcpSocket: { port }, ...timing })

/** Where a process listens: for requests, and for its health check where that is elsewhere. */
function portsOf(process: RenderedProcess): NonNullable<Container['ports']> {
  const check = process.healthCheck?.port
  return [
    ...(isRouted(process) ? [{ name: PORT_NAME, containerPort: WEB_PORT, protocol: 'TCP' }] : []),
    ...(check === undefined || (isRouted(process) && check === WEB_PORT)
      ? []
      : [{ name: CHECK_PORT_NAME, containerPort: check, protocol: 'TCP' }]),
  ]
}

function readinessProbe({ healthCheck }: RenderedProcess, port: string): Probe {
  if (healthCheck === undefined) return tcpProbe(port, { periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 })
  const { intervalSeconds, timeoutSeconds, failureThreshold } = { ...HEALTH_CHECK_TIMINGS, ...healthCheck }
  return { httpGet: { path: healthCheck.path, port }, periodSeconds: intervalSeconds, timeoutSeconds, failureThreshold }
}

/** A pause before SIGTERM that is as long as the whole time to stop would leave none of it. */
function drainOf({ drainSeconds = DRAIN_SECONDS, stopTimeoutSeconds = GRACE_SECONDS }: RenderedProcess): number {
  return Math.min(drainSeconds, stopTimeoutSeconds - 1)
}

/**
 * Ports, probes and stop pause of a container. A process that does not listen is never sent a request; one that stopped accepting
 * connections for a minute is started again. A health check decides over requests alone: what it asks for may depend on a database,
 * whose absence no restart mends. Empty for what neither gets requests nor has a health check.
 * Reference: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
export function lifecycleOf(process: RenderedProcess): NonNullable<ContainerParts['lifecycle']> {
  const { startTimeoutSeconds = START_TIMEOUT_SECONDS } = process
  const ports = portsOf(process)
  const [listens] = ports
  const checked = ports.at(-1)
  if (listens === undefined || checked === undefined) return {}
  const drain = drainOf(process)
  return {
    ports,
    startupProbe: tcpProbe(listens.name ?? '', {
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: startTimeoutSeconds,
    }),
    readinessProbe: readinessProbe(process, checked.name ?? ''),
    livenessProbe: tcpProbe(listens.name ?? '', { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    ...(isRouted(process) && drain > 0 ? { lifecycle: { preStop: { sleep: { seconds: drain } } } } : {}),
  }
}
