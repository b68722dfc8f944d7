import { cpuQuantity, GRACE_SECONDS, memoryQuantity, type RenderedProcess } from '@slipway/domain'
import type {
  Container,
  PodSecurityContext,
  PodTemplateSpec,
  ResourceRequirements,
  SecurityContext,
  TopologySpreadConstraint,
} from 'kubernetes-types/core/v1.d.ts'
import { processLabels, releaseLabels, selectorLabels, trackLabelOfPods } from './labels.ts'
import { secretName } from './names.ts'
import type { Rendering } from './rendering.ts'

/** Name of the container that runs the process, in every pod of an app. */
export const CONTAINER_NAME = 'app'

/** As `kubectl rollout restart` does it: a template with another time is another template. */
const RESTARTED_AT = 'slipway.dev/restarted-at'

/** Name of the port that a web process listens on. */
export const PORT_NAME = 'http'

/** A process may use this many times the CPU it reserves while the node has CPU to spare. Memory is never more than reserved. */
const CPU_BURST = 10

/** Requests and limits of a process' size. The quota counts the requests. */
export function resourcesOf(size: { cpuMillis: number; memoryMiB: number }): ResourceRequirements {
  const memory = memoryQuantity(size.memoryMiB)
  return {
    requests: { cpu: cpuQuantity(size.cpuMillis), memory },
    limits: { cpu: cpuQuantity(size.cpuMillis * CPU_BURST), memory },
  }
}

/** What the Pod Security level "restricted" asks of a container; images of others may need capabilities to start as root. */
export function containerSecurity(runsAsNonRoot: boolean): SecurityContext {
  return runsAsNonRoot
    ? { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true }
    : { allowPrivilegeEscalation: false }
}

/** The same of a pod. */
export function podSecurity(runsAsNonRoot: boolean): PodSecurityContext {
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

/** What a kind of process adds to its container. */
export interface ContainerParts {
  env?: NonNullable<Container['env']>
  /** Ports, probes and what happens when it stops. */
  lifecycle?: Pick<Container, 'ports' | 'startupProbe' | 'readinessProbe' | 'livenessProbe' | 'lifecycle'>
}

function container(app: Rendering, process: RenderedProcess, { env, lifecycle }: ContainerParts): Container {
  return {
    name: CONTAINER_NAME,
    image: app.image,
    ...(process.command ? { command: [...process.command] } : {}),
    ...(env ? { env } : {}),
    envFrom: [{ secretRef: { name: secretName(app.app, app.release) } }],
    resources: resourcesOf(process),
    securityContext: containerSecurity(app.runsAsNonRoot),
    ...lifecycle,
  }
}

/**
 * Template of a process' pods. Depends on the release, the process' size and the time of its last restart: neither scaling nor
 * a new host name may change it, for that would start every instance again.
 */
export function podTemplate(app: Rendering, process: RenderedProcess, parts: ContainerParts): PodTemplateSpec {
  const labels = { ...processLabels(app, process.name), ...releaseLabels(app.release), ...trackLabelOfPods(app.track) }
  return {
    metadata: {
      labels,
      ...(process.restartedAt === undefined ? {} : { annotations: { [RESTARTED_AT]: process.restartedAt } }),
    },
    spec: {
      containers: [container(app, process, parts)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: process.stopTimeoutSeconds ?? GRACE_SECONDS,
      securityContext: podSecurity(app.runsAsNonRoot),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      topologySpreadConstraints: spread(selectorLabels(app.app, process.name, app.track)),
    },
  }
}
