import { setTimeout as sleep } from 'node:timers/promises'

const AFTER_MS = 250
/** Beyond these nothing is held back: sockets are what an attacker has plenty of. */
const MOST_HELD = 1000

let held = 0

/**
 * Waits before a request is refused that costs its sender nothing and that no page or git host of ours would send twice: a client that
 * repeats it at once takes the machine from the others.
 */
export async function refuseLater(): Promise<void> {
  if (held >= MOST_HELD) return
  held++
  try {
    await sleep(AFTER_MS)
  } finally {
    held--
  }
}
