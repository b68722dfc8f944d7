import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Container } from '../../types/container.ts'
import { isConflict, isNotFound } from '../../types/errors.ts'
import type { Pod, PodStatus } from '../../types/pod.ts'
import { isFinished, isTerminating } from '../../types/pod-conditions.ts'
import { Pods } from '../../types/resources.ts'
import { same } from '../../types/same.ts'
import { startContainer } from '../container/start.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { mayRestart } from './backoff.ts'
import { deletionGraceMs, endPod, forgetPod, removeObject } from './end.ts'
import { podOutcome } from './phase.ts'
import { ensurePorts } from './pod-ports.ts'
import {
  allContainers,
  containerRecord,
  currentRun,
  initContainers,
  isRunning,
  isSidecar,
  type PodRecord,
} from './state.ts'
import { podStatus } from './status.ts'
import { ensureVolumes } from './volumes.ts'

/** What the kubelet takes to clean up after a pod: meanwhile everybody sees how it ended. */
const END_SHOWN_MS = 50

/**
 * Brings one pod to where its object says it should be, as far as that is possible now; called whenever something about it
 * changed. Never waits for a container: their ends call again.
 * Reference: SyncPod of pkg/kubelet/kubelet.go.
 */
export async function syncPod(context: NodeContext, uid: string): Promise<void> {
  const record = context.pods.get(uid)
  if (record === undefined || context.stopping()) return
  const pod = await context.api.get<Pod>(Pods, { namespace: record.namespace, name: record.name })
  if (pod === null || pod.metadata.uid !== uid) return syncGone(context, record)
  if (isTerminating(pod)) return syncTerminating(context, pod, record)
  if (isFinished(pod) && record.containers.size === 0) return
  if (!isFinished(pod)) {
    // An end is shown before what follows from it, but for those that the node itself caused in order to start again.
    if (record.prepared && !isReplacing(record)) await writeStatus(context, record)
    await syncRunning(context, pod, record)
  }
  await writeStatus(context, record)
}

/** The object went without us (a forced deletion): whatever still runs is killed. */
async function syncGone(context: NodeContext, record: PodRecord): Promise<void> {
  for (const known of record.containers.values()) {
    const run = currentRun(known)
    if (run?.process) {
      const container =
        record.gone === null ? undefined : allContainers(record.gone).find(({ name }) => name === known.name)
      if (record.gone !== null && container !== undefined && isRunning(known) && run.stopping === null) {
        const message = `Stopping container ${known.name}`
        await recordEvent(context, record.gone, container, { type: 'Normal', reason: 'Killing', message })
      }
      await run.process.kill()
      await run.process.exited
    }
  }
  await forgetPod(context, record)
}

async function syncTerminating(context: NodeContext, pod: Pod, record: PodRecord): Promise<void> {
  if (!record.ended) {
    void endPod(context, pod, record, { graceMs: deletionGraceMs(pod) }).catch((error: unknown) => {
      context.log.warn('a pod could not be ended', { pod: pod.metadata.name, error: String(error) })
      record.ending = null
      context.enqueue(record.uid, 1_000)
    })
    // From its first container's end to its own, nothing new is shown: the kubelet waits for all of them.
    if (!hasBegunToEnd(record)) await writeStatus(context, record)
    return
  }
  await writeStatus(context, record)
  if (!record.endShown) {
    record.endShown = true
    context.enqueue(record.uid, END_SHOWN_MS)
    return
  }
  await removeObject(context, record)
}

const isReplacing = (record: PodRecord) =>
  [...record.containers.values()].some((known) => currentRun(known)?.exit && currentRun(known)?.replaced)

const hasBegunToEnd = (record: PodRecord) => record.endingRuns.some((run) => run.exit !== null)

async function syncRunning(context: NodeContext, pod: Pod, record: PodRecord): Promise<void> {
  await enforceDeadline(context, pod, record)
  if (record.ending !== null) return
  if (!record.prepared && !(await prepare(context, pod, record))) return
  const outcome = podOutcome(pod, record)
  if (outcome === 'Succeeded' || outcome === 'Failed') {
    // Only sidecars are left, if anything.
    void endPod(context, pod, record, { graceMs: deletionGraceMs(pod) })
    return
  }
  const next = await containersToStart(context, pod, record)
  if (next.length === 0) {
    // The volumes of a running pod follow the objects they are made of.
    if (record.volumes === null && pod.spec.volumes !== undefined) await ensureVolumes(context, pod, record)
    return
  }
  if (!(await ensureVolumes(context, pod, record))) return
  const ports = context.simulation === null ? await ensurePorts(context, pod, record) : {}
  for (const container of next) {
    await startContainer(context, pod, record, container, ports)
    if (isStarting(record, container)) break
  }
  // A sidecar that has started lets the next container begin.
  if (next.some((container) => isSidecar(container) && isRunning(record.containers.get(container.name)))) {
    context.enqueue(record.uid)
  }
}

/** The pod's directory and volumes, as its sandbox. True when they are there; both states are shown. */
async function prepare(context: NodeContext, pod: Pod, record: PodRecord): Promise<boolean> {
  await writeStatus(context, record)
  if (context.simulation === null && !existsSync(record.dir)) {
    mkdirSync(record.dir, { recursive: true, mode: 0o700 })
    const identity = { uid: record.uid, namespace: record.namespace, name: record.name }
    writeFileSync(join(record.dir, 'pod.json'), JSON.stringify(identity), { mode: 0o600 })
    context.log.info('pod begins', { pod: pod.metadata.name, namespace: record.namespace })
  }
  if (!(await ensureVolumes(context, pod, record))) return false
  record.prepared = true
  await writeStatus(context, record)
  return true
}

/** Init containers one after the other, sidecars beside them, then all others at once. */
async function containersToStart(context: NodeContext, pod: Pod, record: PodRecord): Promise<Container[]> {
  const next: Container[] = []
  for (const container of initContainers(pod)) {
    const known = record.containers.get(container.name)
    if (isSidecar(container)) {
      if (!isRunning(known) && (await wants(context, pod, record, container))) next.push(container)
      if (known?.probes?.started !== true && (known?.runs.length ?? 0) < 2) return next
    } else if (currentRun(known)?.exit?.exitCode !== 0) {
      if (!isRunning(known) && (await wants(context, pod, record, container))) next.push(container)
      return next
    }
  }
  for (const container of pod.spec.containers) {
    const known = record.containers.get(container.name)
    // The kubelet starts one after the other, hooks included.
    if (isStarting(record, container)) return next
    if (!isRunning(known) && (await wants(context, pod, record, container))) next.push(container)
  }
  return next
}

const isStarting = (record: PodRecord, container: Container) =>
  currentRun(record.containers.get(container.name))?.starting === true

/** True when a container that does not run is to be started now. Reference: ShouldContainerBeRestarted. */
async function wants(context: NodeContext, pod: Pod, record: PodRecord, container: Container): Promise<boolean> {
  const known = containerRecord(record, container.name)
  const run = currentRun(known)
  if (run === undefined) return true
  if (run.exit === null) return false
  const policy = isSidecar(container) ? 'Always' : pod.spec.restartPolicy
  if (policy === 'Never') return false
  // An init container that succeeded is done, whatever the policy.
  const regularInit = initContainers(pod).includes(container) && !isSidecar(container)
  if (run.exit.exitCode === 0 && (policy === 'OnFailure' || regularInit)) return false
  return mayRestart(context, pod, container, known)
}

async function enforceDeadline(context: NodeContext, pod: Pod, record: PodRecord): Promise<void> {
  const seconds = pod.spec.activeDeadlineSeconds
  if (seconds === undefined || record.failure !== null) return
  const leftMs = record.startedAtMs + seconds * 1000 - context.now()
  if (leftMs > 0) {
    context.enqueue(record.uid, leftMs)
    return
  }
  const message = 'Pod was active on the node longer than the specified deadline'
  record.failure = { reason: 'DeadlineExceeded', message }
  await recordEvent(context, pod, null, { type: 'Normal', reason: 'DeadlineExceeded', message })
  void endPod(context, pod, record, { graceMs: deletionGraceMs(pod) })
}

/** Writes the status if it says something else than the object. */
async function writeStatus(context: NodeContext, record: PodRecord): Promise<void> {
  const pod = await context.api.get<Pod>(Pods, { namespace: record.namespace, name: record.name })
  if (pod === null || pod.metadata.uid !== record.uid) return
  const status: PodStatus = podStatus(pod, record, context.now())
  if (same(status, pod.status ?? {})) return
  try {
    await context.api.updateStatus({ ...pod, status } as Pod)
  } catch (error) {
    if (isNotFound(error)) return
    if (!isConflict(error)) throw error
    context.enqueue(record.uid, 10)
  }
}
