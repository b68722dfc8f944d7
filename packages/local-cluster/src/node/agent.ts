import { join } from 'node:path'
import { createController } from '@slipway/reconcile'
import type { Pod } from '../types/pod.ts'
import { conditionOf } from '../types/pod-conditions.ts'
import { Pods } from '../types/resources.ts'
import { groupId } from './container/run.ts'
import type { NodeContext } from './context.ts'
import { createKubelet } from './kubelet.ts'
import { DEFAULT_ROTATION } from './logs/writer.ts'
import { watchMemory } from './memory.ts'
import { recordMissing } from './missing.ts'
import { createPodAddresses } from './network/addresses.ts'
import { startNodeStatus } from './node-status.ts'
import type { NodeAgent, NodeOptions } from './options.ts'
import { type Parts, prepareParts } from './parts.ts'
import { podAddress } from './pod/address.ts'
import { adoptPods } from './pod/adopt.ts'
import { deletionGraceMs, endPod } from './pod/end.ts'
import { isRunning, newPodRecord } from './pod/state.ts'
import { syncPod } from './pod/sync.ts'
import { watchVolumeSources } from './pod/volumes.ts'
import { createPortAllocator } from './ports.ts'
import { startServiceProxy } from './services/proxy.ts'
import { startUsage } from './usage.ts'

const DEFAULT_NODE_NAME = 'local'
const DEFAULT_CRASH_BACKOFF = { baseMs: 10_000, maxMs: 300_000 }
/** Pods looked at in the same moment. */
const CONCURRENCY = 16
const quiet = { info: () => undefined, warn: () => undefined }

/**
 * Starts the node agent: registers the node, takes over the containers that an earlier process left running, and from then on
 * runs the pods that the scheduler binds to it.
 */
export async function startNode(options: NodeOptions): Promise<NodeAgent> {
  const state = { stopping: false }
  const controller = createController({
    name: 'kubelet',
    concurrency: CONCURRENCY,
    reconcile: (uid) => syncPod(context, uid),
    onError: (error, uid) => context.log.warn('a pod could not be synced', { uid, error: String(error) }),
  })
  const parts = await prepareParts(options)
  const context = createContext(options, parts, state, (uid, afterMs) =>
    afterMs === undefined ? controller.enqueue(uid) : controller.enqueueAfter(uid, afterMs),
  )
  const nodeStatus = await startNodeStatus(context)
  if (context.simulation === null) await adoptPods(context)
  // Groups that an earlier life of the node left behind.
  await context.runtime?.sweep(runningIds(context))
  context.cgroups?.sweep()
  context.network?.sweep()
  context.network?.routes.open()
  await recordMissing(context, parts.missing)
  const stopWatches = [watchPods(context), watchVolumeSources(context)]
  controller.start()
  const stopMemory = context.simulation === null ? watchMemory(context) : () => undefined
  const meter = startUsage(context)
  return {
    nodeName: context.nodeName,
    kubelet: createKubelet(context, meter),
    stats: () => stats(context),
    async stop({ stopPods }) {
      state.stopping = true
      for (const stopWatch of stopWatches) stopWatch()
      stopMemory()
      meter.stop()
      nodeStatus.stop()
      await controller.stop(1_000)
      await context.services?.stop()
      if (stopPods) await endAllPods(context)
      releaseAll(context)
      context.runtime?.groups.sweep()
      context.cgroups?.sweep()
      context.network?.routes.close()
      context.network?.sweep()
    },
  }
}

function createContext(
  options: NodeOptions,
  parts: Parts,
  state: { stopping: boolean },
  enqueue: NodeContext['enqueue'],
): NodeContext {
  const { api, simulation = null, apiAccess = null, log = quiet } = options
  const ports = createPortAllocator()
  return {
    api,
    nodeName: options.nodeName ?? DEFAULT_NODE_NAME,
    podsDir: join(options.dir, 'pods'),
    cacheDir: join(options.dir, 'build-cache'),
    images: options.images,
    hostImages: options.hostImages ?? [],
    hostPath: options.hostPath,
    hostDirs: options.hostDirs ?? [],
    builderEnv: options.builderEnv ?? {},
    crashBackoff: options.crashBackoff ?? backoffAt(simulation?.speed ?? 1),
    logRotation: options.logRotation ?? DEFAULT_ROTATION,
    ports,
    ...parts,
    apiAccess,
    services:
      simulation === null
        ? startServiceProxy({
            api,
            dir: join(options.dir, 'services'),
            ports,
            apiAccess,
            routes: parts.network?.routes ?? null,
            log,
          })
        : null,
    simulation,
    addresses: simulation === null && parts.network === null ? null : createPodAddresses(),
    pods: new Map(),
    log,
    counters: {
      adoptedContainers: 0,
      startedContainers: 0,
      oomKills: 0,
      probeRuns: 0,
      logBytes: 0,
      filesMissed: 0,
      eventsLost: 0,
    },
    now: Date.now,
    latestPod: async (pod) => {
      const { namespace = '', name, uid } = pod.metadata
      const latest = await api.get<Pod>(Pods, { namespace, name })
      return latest?.metadata.uid === uid ? latest : null
    },
    enqueue,
    stopping: () => state.stopping,
  }
}

const backoffAt = (speed: number) => ({
  baseMs: DEFAULT_CRASH_BACKOFF.baseMs / speed,
  maxMs: DEFAULT_CRASH_BACKOFF.maxMs / speed,
})

/** Every pod of the node, now and as they change, by uid: a new pod of an old name is another pod. */
function watchPods(context: NodeContext): () => void {
  return context.api.watch(Pods, {
    fieldSelector: `spec.nodeName=${context.nodeName}`,
    sendInitialEvents: true,
    onEvent: ({ type, object }) => {
      const pod = object as Pod
      const uid = pod.metadata.uid ?? ''
      const present = context.pods.get(uid)
      const record = present ?? newPodRecord(context.podsDir, pod, context.now(), podAddress(context, pod))
      // What the node itself writes, status and annotations, is no news to it.
      const { generation = 0, deletionTimestamp = '', deletionGracePeriodSeconds = '' } = pod.metadata
      const version = `${type === 'DELETED'} ${generation} ${deletionTimestamp} ${deletionGracePeriodSeconds} ${gates(pod)}`
      if (type === 'DELETED') record.gone = pod
      if (present !== undefined && record.seenVersion === version) return
      record.seenVersion = version
      if (type === 'DELETED' && present === undefined) return
      context.pods.set(uid, record)
      context.enqueue(uid)
    },
  })
}

/** What others say of the pod that its readiness waits for. */
function gates(pod: Pod): string {
  const said = (pod.spec.readinessGates ?? []).map(({ conditionType }) =>
    String(conditionOf(pod.status?.conditions, conditionType)?.status),
  )
  return said.join()
}

/** As on a shutdown of a node: processes end within their grace, objects stay. */
async function endAllPods(context: NodeContext): Promise<void> {
  const { items } = await context.api.list<Pod>(Pods, { fieldSelector: `spec.nodeName=${context.nodeName}` })
  await Promise.all(
    items.map(async (pod) => {
      const record = context.pods.get(pod.metadata.uid ?? '')
      if (record === undefined) return
      await endPod(context, pod, record, { graceMs: deletionGraceMs(pod), silent: true, skipSleep: true })
    }),
  )
}

const runningIds = (context: NodeContext) =>
  new Set(
    [...context.pods.values()].flatMap((record) =>
      [...record.containers.values()].filter(isRunning).flatMap(({ runs }) => runs.map(groupId)),
    ),
  )

function releaseAll(context: NodeContext): void {
  for (const record of context.pods.values()) {
    for (const known of record.containers.values()) {
      known.probes?.stop()
      for (const run of known.runs) {
        run.process?.release()
        run.log?.close()
      }
    }
  }
}

function stats(context: NodeContext) {
  const runs = [...context.pods.values()].flatMap((record) => [...record.containers.values()])
  return {
    pods: context.pods.size,
    runningContainers: runs.filter((known) => known.runs.at(-1)?.process).length,
    adoptedContainers: context.counters.adoptedContainers,
    startedContainers: context.counters.startedContainers,
    oomKills: context.counters.oomKills,
    probeRuns: context.counters.probeRuns,
    logBytes: context.counters.logBytes,
    logFilesMissed: context.counters.filesMissed,
  }
}
