import { setTimeout as sleep } from 'node:timers/promises'

const DEADLINE_MS = 60_000

/** Polls until `probe` answers something that is neither null, undefined nor false. Throws, with what it waited for, after a minute. */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const end = Date.now() + deadlineMs
  let last: unknown = null
  for (;;) {
    try {
      const found = await probe()
      if (found !== null && found !== undefined && found !== false) return found
      last = null
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`, { cause: last ?? undefined })
    await sleep(100)
  }
}
