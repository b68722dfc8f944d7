/** Delays of an exponential back-off with jitter. */
export interface BackoffOptions {
  /** Delay after the first failure. */
  baseMs: number
  /** No delay is longer. */
  maxMs: number
  /** Each delay is taken off by up to this part of it (0..1), so that what failed together does not retry together. */
  jitter: number
}

/** client-go's defaults (5 ms doubling to 1000 s) with a shorter end: people wait for a deploy. */
export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 50, maxMs: 60_000, jitter: 0.2 }

/**
 * Delay before attempt `failures + 1`.
 * @param failures failures in a row, at least 1
 * @param random in [0, 1)
 */
export function backoffMs(options: BackoffOptions, failures: number, random: number): number {
  // 2^52 is far beyond any maxMs, and 2^failures itself would become Infinity.
  const exponential = options.baseMs * 2 ** Math.min(failures - 1, 52)
  return Math.min(exponential, options.maxMs) * (1 - options.jitter * random)
}
