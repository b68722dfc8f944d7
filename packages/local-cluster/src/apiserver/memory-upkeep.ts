import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ObjectStore } from '../store/store.ts'

const everyMs = 10_000
/** Fewer objects than this, or a smaller part of them, are not worth a pause. */
const leastGone = 3_000
const leastGonePart = 0.25

/**
 * Gives memory back after a large clean-up. V8 collects garbage when it needs room, and a cluster that has become empty needs none:
 * without this it would keep what thousands of pods took until others come.
 */
export function startMemoryUpkeep(store: ObjectStore): { stop(): void } {
  let most = store.size
  const timer = setInterval(() => {
    const now = store.size
    const isClean = most - now > Math.max(leastGone, most * leastGonePart)
    if (isClean) collectGarbage()
    if (isClean || now > most) most = now
  }, everyMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}
