import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after this time, or as soon as the signal is aborted: what waits then looks at the signal itself. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
