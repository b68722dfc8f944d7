import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { Run } from '../pod/state.ts'
import { runHook } from './hooks.ts'

/** What a container gets for SIGTERM when its preStop hook used up the grace. Reference: minimumGracePeriodInSeconds. */
const LEAST_GRACE_MS = 2_000

export interface StopOptions {
  graceMs: number
  /** Said as the Killing event. Null: none is recorded. */
  message: string | null
  /** Skips the hook's pause: when the whole node stops, nobody sends requests any more. */
  skipSleep?: boolean
}

/**
 * Ends a container as the kubelet does: preStop hook, SIGTERM, SIGKILL when the grace is over. Resolves when none of its
 * processes is left. A second call joins the first, which it can only make shorter.
 */
export function stopContainer(
  context: NodeContext,
  pod: Pod,
  container: Container,
  run: Run,
  options: StopOptions,
): Promise<void> {
  if (run.process === null) return Promise.resolve()
  if (run.stopping !== null) {
    const { process } = run
    if (options.graceMs === 0) void process.kill()
    return run.stopping
  }
  run.stopping = stop(context, pod, container, run, options)
  return run.stopping
}

async function stop(context: NodeContext, pod: Pod, container: Container, run: Run, options: StopOptions) {
  const { process } = run
  if (process === null) return
  const startedMs = context.now()
  if (options.message !== null) {
    await recordEvent(context, pod, container, { type: 'Normal', reason: 'Killing', message: options.message })
  }
  const preStop = container.lifecycle?.preStop
  if (preStop !== undefined && options.graceMs > 0 && !(options.skipSleep === true && preStop.sleep !== undefined)) {
    const result = await runHook(pod, container, run, preStop, options.graceMs)
    if (!result.ok) {
      // Nothing of what it said: that may be secret.
      const event = { type: 'Warning' as const, reason: 'FailedPreStopHook', message: 'PreStopHook failed' }
      await recordEvent(context, pod, container, event)
    }
  }
  const leftMs = options.graceMs === 0 ? 0 : Math.max(options.graceMs - (context.now() - startedMs), LEAST_GRACE_MS)
  if (leftMs > 0) {
    await process.begun()
    await process.terminate()
    if (await endsWithin(process.exited, leftMs)) return
  }
  await process.kill()
  await process.exited
}

/** True when the promise settles in time. */
function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    void promise.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
