import { type AppToRender, GRACE_SECONDS, type RenderedProcess, START_TIMEOUT_SECONDS, WEB_PORT } from '@slipway/domain'
import type {
  Container,
  PodSecurityContext,
  PodTemplateSpec,
  Probe,
  ResourceRequirements,
  SecurityContext,
  TopologySpreadConstraint,
} from 'kubernetes-types/core/v1.d.ts'
import { processLabels, releaseLabels, selectorLabels } from './labels.ts'
import { secretName } from './names.ts'
import { cpuQuantity, memoryQuantity } from './quantity.ts'

/** Name of the container that runs the process, in every pod of an app. */
export const CONTAINER_NAME = 'app'

/** Name of the port that a web process listens on. */
export const PORT_NAME = 'http'

/**
 * How long a stopping web instance goes on serving before it gets SIGTERM, in seconds: the time that endpoints and
 * ingresses need to take it off their lists. Counts against the grace period.
 */
const PRE_STOP_SECONDS = 5

/** A process may use this many times the CPU it reserves while the node has CPU to spare. Memory is never more than reserved. */
const CPU_BURST = 10

const tcpProbe = (timing: Omit<Probe, 'tcpSocket'>): Probe => ({ tcpSocket: { port: PORT_NAME }, ...timing })

/**
 * Probes and stop pause of a web container. A process that does not listen is never sent a request; one that stopped
 * accepting connections for a minute is started again.
 * Reference: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
function webLifecycle({ startTimeoutSeconds = START_TIMEOUT_SECONDS }: RenderedProcess) {
  return {
    ports: [{ name: PORT_NAME, containerPort: WEB_PORT, protocol: 'TCP' }],
    startupProbe: tcpProbe({ periodSeconds: 1, timeoutSeconds: 1, failureThreshold: startTimeoutSeconds }),
    readinessProbe: tcpProbe({ periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 }),
    livenessProbe: tcpProbe({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }),
    lifecycle: { preStop: { sleep: { seconds: PRE_STOP_SECONDS } } },
  } satisfies Partial<Container>
}

/** Requests and limits of a process' size. The quota counts the requests. */
export function resourcesOf(size: { cpuMillis: number; memoryMiB: number }): ResourceRequirements {
  const memory = memoryQuantity(size.memoryMiB)
  return {
    requests: { cpu: cpuQuantity(size.cpuMillis), memory },
    limits: { cpu: cpuQuantity(size.cpuMillis * CPU_BURST), memory },
  }
}

/** What the Pod Security level "restricted" asks of a container; images of others may need capabilities to start as root. */
function containerSecurity(runsAsNonRoot: boolean): SecurityContext {
  return runsAsNonRoot
    ? { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true }
    : { allowPrivilegeEscalation: false }
}

function podSecurity(runsAsNonRoot: boolean): PodSecurityContext {
  return { seccompProfile: { type: 'RuntimeDefault' }, ...(runsAsNonRoot ? { runAsNonRoot: true } : {}) }
}

/** Spreads a process over nodes and zones where that is possible, counting each roll-out by itself. */
function spread(labels: Record<string, string>): TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
    matchLabelKeys: ['pod-template-hash'],
  }))
}

function container(app: AppToRender, process: RenderedProcess): Container {
  const web = process.kind === 'web'
  return {
    name: CONTAINER_NAME,
    image: app.image,
    ...(process.command ? { command: [...process.command] } : {}),
    ...(web ? { env: [{ name: 'PORT', value: String(WEB_PORT) }] } : {}),
    envFrom: [{ secretRef: { name: secretName(app.app, app.release) } }],
    resources: resourcesOf(process),
    securityContext: containerSecurity(app.runsAsNonRoot),
    ...(web ? webLifecycle(process) : {}),
  }
}

/**
 * Template of a process' pods. Depends on the release and the process' size alone: neither scaling nor a new host name may
 * change it, for that would start every instance again.
 */
export function podTemplate(app: AppToRender, process: RenderedProcess): PodTemplateSpec {
  return {
    metadata: { labels: { ...processLabels(app, process.name), ...releaseLabels(app.release) } },
    spec: {
      containers: [container(app, process)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: GRACE_SECONDS,
      securityContext: podSecurity(app.runsAsNonRoot),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      topologySpreadConstraints: spread(selectorLabels(app.app, process.name)),
    },
  }
}
