/** Overall limit on retries: `perSecond` on the long run, `burst` at once. */
export interface RateLimitOptions {
  perSecond: number
  burst: number
}

/** client-go's default: ten a second, a hundred at once. */
export const DEFAULT_RATE_LIMIT: RateLimitOptions = { perSecond: 10, burst: 100 }

/** A token bucket that hands out reservations: each caller is told how long it has to wait for its token. */
export interface TokenBucket {
  /** Takes one token and returns the time in ms until it is there (0: now). */
  reserve(nowMs: number): number
}

/** Makes a full bucket. */
export function createTokenBucket(options: RateLimitOptions): TokenBucket {
  let tokens = options.burst
  let filledAt: number | undefined
  return {
    reserve(nowMs) {
      const elapsedMs = filledAt === undefined ? 0 : Math.max(0, nowMs - filledAt)
      filledAt = nowMs
      tokens = Math.min(options.burst, tokens + (elapsedMs / 1000) * options.perSecond) - 1
      return tokens >= 0 ? 0 : (-tokens / options.perSecond) * 1000
    },
  }
}
