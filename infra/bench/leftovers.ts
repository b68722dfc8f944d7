/** What must be stopped and removed when the benchmark is interrupted, newest last. */
const leftovers = new Set<() => Promise<void>>()

/** Runs `undo` once: when the returned function is called, or when the benchmark is interrupted before. */
export function leftover(undo: () => Promise<void>): () => Promise<void> {
  const once = async () => {
    if (leftovers.delete(once)) await undo()
  }
  leftovers.add(once)
  return once
}

/** Stops and removes what is still there, newest first. */
export async function removeLeftovers(): Promise<void> {
  for (const undo of [...leftovers].reverse()) await undo()
}
