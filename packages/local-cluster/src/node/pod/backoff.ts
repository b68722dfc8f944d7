import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { goDuration } from '../../types/times.ts'
import { type NodeContext, podLabel, recordEvent } from '../context.ts'
import { type ContainerRecord, currentRun } from './state.ts'

/** A container that ran for longer than this since its last start begins with the shortest delay again. Twice the kubelet's longest. */
const RESET_AFTER_FACTOR = 2
/**
 * How long the end itself is shown before the first back-off, as between two looks of the kubelet. Of later ones it is shown until
 * the delay is over: the kubelet does not look again before.
 */
const END_SHOWN_MS = 1_000

/**
 * True when the container may be started again now. Otherwise it is shown as CrashLoopBackOff, and the pod is looked at again
 * when the delay is over. The delay counts from the container's end; the first restart has none.
 * Reference: doBackOff of pkg/kubelet/kuberuntime, and k8s.io/client-go/util/flowcontrol.
 */
export async function mayRestart(
  context: NodeContext,
  pod: Pod,
  container: Container,
  known: ContainerRecord,
): Promise<boolean> {
  const run = currentRun(known)
  const exit = run?.exit
  if (run === undefined || exit === null || exit === undefined) return true
  const { baseMs, maxMs } = context.crashBackoff
  const now = context.now()
  if (known.backoff !== null && exit.finishedAtMs - known.backoff.raisedAtMs > RESET_AFTER_FACTOR * maxMs) {
    known.backoff = null
  }
  const { backoff } = known
  // The kubelet kills and starts in one pass, which knows of the end before this one only.
  const { replaced } = run
  run.replaced = false
  const earlier = replaced ? known.runs.at(-2)?.exit : exit
  if (!earlier) return true
  if (backoff !== null && now < earlier.finishedAtMs + backoff.delayMs) {
    await sayBackoff(context, pod, container, backoff)
    const soon = backoff.delayMs === baseMs && known.waiting === null
    const endShownMs = soon ? Math.min(END_SHOWN_MS, backoff.delayMs / 2) : backoff.delayMs
    const shownFromMs = replaced ? 0 : exit.finishedAtMs + endShownMs
    if (now < shownFromMs) {
      context.enqueue(pod.metadata.uid ?? '', shownFromMs - now)
      return false
    }
    showBackoff(pod, container, known, backoff.delayMs)
    context.enqueue(pod.metadata.uid ?? '', exit.finishedAtMs + backoff.delayMs - now)
    return false
  }
  if (backoff !== null && !replaced && known.waiting?.reason !== 'CrashLoopBackOff') {
    showBackoff(pod, container, known, backoff.delayMs)
    context.enqueue(pod.metadata.uid ?? '')
    return false
  }
  const delayMs = backoff === null ? baseMs : Math.min(backoff.delayMs * 2, maxMs)
  known.backoff = { delayMs, raisedAtMs: now, said: false }
  return true
}

function showBackoff(pod: Pod, container: Container, known: ContainerRecord, ms: number): void {
  const message = `back-off ${goDuration(ms)} restarting failed container=${container.name} pod=${podLabel(pod)}`
  known.waiting = { reason: 'CrashLoopBackOff', message }
}

async function sayBackoff(
  context: NodeContext,
  pod: Pod,
  container: Container,
  backoff: NonNullable<ContainerRecord['backoff']>,
): Promise<void> {
  if (backoff.said) return
  backoff.said = true
  await recordEvent(context, pod, container, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${container.name} in pod ${podLabel(pod)}`,
  })
}

/** As Go prints a duration: 1m20s, 5m0s. */
