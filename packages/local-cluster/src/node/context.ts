import type { LocalApi } from '../types/client.ts'
import type { Container } from '../types/container.ts'
import type { Pod } from '../types/pod.ts'
import type { Cgroups } from './cgroups/cgroups.ts'
import type { LogRotation } from './logs/writer.ts'
import type { PodAddresses } from './network/addresses.ts'
import type { PodNetwork } from './network/pod-network.ts'
import type { ApiAccess, NodeImages, NodeLog, Simulation } from './options.ts'
import type { PodRecord } from './pod/state.ts'
import type { PortAllocator } from './ports.ts'
import type { OciRuntime } from './runtime/runtime.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import type { ServiceProxy } from './services/proxy.ts'

/** What the parts of the node share. */
export interface NodeContext {
  api: LocalApi
  nodeName: string
  podsDir: string
  cacheDir: string
  images: NodeImages
  hostImages: readonly string[]
  hostPath: string
  builderEnv: Readonly<Record<string, string>>
  crashBackoff: { baseMs: number; maxMs: number }
  logRotation: LogRotation
  ports: PortAllocator
  /** Gives containers their own view of the file system; null where the machine does not allow it. */
  sandbox: Sandbox | null
  /** Runs containers in file systems of their own; null where the machine has none that works. */
  runtime: OciRuntime | null
  /** Where Node and other programs of the PATH are that are not in the machine's own directories. */
  machinePlaces: readonly string[]
  /** What else of the machine confined containers need. */
  places: readonly string[]
  hostDirs: readonly string[]
  /** How pods reach Services; null where pods are no processes. */
  services: ServiceProxy | null
  /** Addresses of pods; null where they share the node's. */
  addresses: PodAddresses | null
  /** Set: pods live without processes. */
  simulation: Simulation | null
  /** Holds containers to their limits; null where the machine has no control groups for us. */
  cgroups: Cgroups | null
  /** Gives pods addresses of their own; null where the kernel does not do it for us. */
  network: PodNetwork | null
  /** What the node can give pods. */
  allocatable: Readonly<Record<string, string>>
  apiAccess: ApiAccess | null
  pods: Map<string, PodRecord>
  log: NodeLog
  counters: NodeCounters
  now: () => number
  /** The pod's object as it is now; null when it is gone or another has its name. */
  latestPod: (pod: Pod) => Promise<Pod | null>
  /** Asks for another look at a pod. */
  enqueue: (uid: string, afterMs?: number) => void
  /** True once the node stops: nothing new is started. */
  stopping: () => boolean
}

export interface NodeCounters {
  adoptedContainers: number
  startedContainers: number
  oomKills: number
  probeRuns: number
  logBytes: number
  filesMissed: number
  /** Events that could not be recorded, as in a namespace that is going. */
  eventsLost: number
}

/** Records an event about a pod, or one of its containers, as the kubelet would. A lost event must not stop the pod. */
export async function recordEvent(
  context: NodeContext,
  pod: Pod,
  container: Container | null,
  event: { type: 'Normal' | 'Warning'; reason: string; message: string },
): Promise<void> {
  const field = container !== null && pod.spec.initContainers?.includes(container) ? 'initContainers' : 'containers'
  try {
    await context.api.recordEvent({
      about: pod,
      ...(container === null ? {} : { fieldPath: `spec.${field}{${container.name}}` }),
      ...event,
      component: 'kubelet',
      host: context.nodeName,
    })
  } catch (error) {
    context.counters.eventsLost += 1
    context.log.info('event could not be recorded', {
      pod: pod.metadata.name,
      reason: event.reason,
      error: String(error),
    })
  }
}

export const podLabel = (pod: Pod) => `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`
