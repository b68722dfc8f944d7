/**
 * Reads something at most once in `freshMs`, however many ask; who asks meanwhile gets what was read last. A read that fails
 * answers null for as long.
 */
export function keepFresh<T>(
  read: () => Promise<T | null>,
  options: { freshMs: number; onError: (error: unknown) => void; now: () => Date },
): () => Promise<T | null> {
  let known: { at: number; value: Promise<T | null> } | null = null
  return () => {
    const at = options.now().getTime()
    if (known === null || at - known.at > options.freshMs) {
      const value = read().catch((error: unknown) => {
        options.onError(error)
        return null
      })
      known = { at, value }
    }
    return known.value
  }
}
