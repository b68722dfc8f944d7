/** How long work may go on within one turn of the event loop. */
const sliceMs = 8

let beganAt: number | null = null

/**
 * Gives way to the event loop where this turn has lasted long enough: between two pieces of work of which there may be thousands, so
 * that requests, timers and connections do not wait for all of them.
 */
export async function giveWay(): Promise<void> {
  while (isTurnLong()) await new Promise<void>((resolve) => setImmediate(resolve))
}

function isTurnLong(): boolean {
  const now = performance.now()
  if (beganAt !== null) return now - beganAt >= sliceMs
  beganAt = now
  setImmediate(() => {
    beganAt = null
  })
  return false
}
