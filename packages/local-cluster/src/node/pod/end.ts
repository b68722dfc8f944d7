import { rm } from 'node:fs/promises'
import type { Container } from '../../types/container.ts'
import { isNotFound } from '../../types/errors.ts'
import type { Pod } from '../../types/pod.ts'
import { Pods } from '../../types/resources.ts'
import { stopContainer } from '../container/stop.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { removeAttempt } from '../sandbox/sandbox.ts'
import { releaseAddress } from './address.ts'
import { allContainers, currentRun, initContainers, isRunning, isSidecar, type PodRecord } from './state.ts'

const DEFAULT_GRACE_SECONDS = 30

/**
 * Ends every container of a pod; resolves when none of its processes is left. The first call sets the pace, a later one
 * with less grace makes it quicker. Sidecars go last, in reverse order.
 */
export function endPod(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  options: { graceMs: number; silent?: boolean; skipSleep?: boolean },
): Promise<void> {
  if (record.ending !== null && options.graceMs > 0) return record.ending
  if (record.ending === null) {
    const runs = [...record.containers.values()].filter(isRunning).flatMap((known) => currentRun(known) ?? [])
    record.endingRuns = runs
  }
  const ending = endContainers(context, pod, record, options).then(() => {
    record.ended = true
    context.enqueue(record.uid)
  })
  record.ending = ending
  return ending
}

async function endContainers(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  options: { graceMs: number; silent?: boolean; skipSleep?: boolean },
): Promise<void> {
  const deadlineMs = context.now() + options.graceMs
  const message = (name: string) => (options.silent === true ? null : `Stopping container ${name}`)
  const said = new Set<string>()
  const say = async (container: Container) => {
    const { name } = container
    const known = record.containers.get(name)
    const text = message(name)
    if (text === null || !isRunning(known) || currentRun(known)?.stopping) return
    said.add(name)
    await recordEvent(context, pod, container, { type: 'Normal', reason: 'Killing', message: text })
  }
  const stop = async (name: string) => {
    const container = allContainers(pod).find((each) => each.name === name)
    const known = record.containers.get(name)
    const run = currentRun(known)
    if (container === undefined || run === undefined || !isRunning(known)) return
    // Readiness goes on being probed; a container that ends on purpose must not be restarted by its liveness.
    if (container.livenessProbe !== undefined || container.startupProbe !== undefined) known?.probes?.stop()
    await stopContainer(context, pod, container, run, {
      graceMs: options.graceMs === 0 ? 0 : Math.max(1_000, deadlineMs - context.now()),
      message: said.has(name) ? null : message(name),
      ...(options.skipSleep === undefined ? {} : { skipSleep: options.skipSleep }),
    })
    // `exited` resolves a moment before the end is noted.
    while (run.exit === null && !context.stopping()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const last = initContainers(pod).filter(isSidecar)
  // They are told of at once and wait for their turn: killContainer of pkg/kubelet/kuberuntime.
  for (const sidecar of last) await say(sidecar)
  const first = allContainers(pod).filter((container) => !last.includes(container))
  await Promise.all(first.map((container) => stop(container.name)))
  for (const sidecar of last.reverse()) await stop(sidecar.name)
}

/** The grace that a deletion grants, in ms. */
export function deletionGraceMs(pod: Pod): number {
  const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds
  return (seconds ?? DEFAULT_GRACE_SECONDS) * 1000
}

/** Tells the API server that nothing of the pod is left; only then its object goes. */
export async function removeObject(context: NodeContext, record: PodRecord): Promise<void> {
  if (record.removed) return
  try {
    await context.api.delete(
      Pods,
      { namespace: record.namespace, name: record.name },
      { gracePeriodSeconds: 0, preconditions: { uid: record.uid } },
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  record.removed = true
}

/** Forgets a pod whose object is gone, and removes what it has on disk. */
export async function forgetPod(context: NodeContext, record: PodRecord): Promise<void> {
  for (const known of record.containers.values()) {
    known.probes?.stop()
    for (const run of known.runs) run.log?.close()
  }
  context.ports.release(record.uid)
  releaseAddress(context, record)
  context.pods.delete(record.uid)
  if (context.simulation !== null) return
  for (const known of record.containers.values()) for (const run of known.runs) removeAttempt(run.dir)
  await rm(record.dir, { recursive: true, force: true, maxRetries: 3 })
}
