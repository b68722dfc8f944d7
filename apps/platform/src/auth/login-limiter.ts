import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

/** Wrong tries a minute, for one account and for one address. */
const LOGIN_TRIES = 10
const WINDOW_SECONDS = 60

/** Slows down guessing of passwords and tokens. Counted in the database: a restart forgets nothing, replicas count together. */
export interface LoginLimiter {
  /**
   * Counts a try before `check` runs, and takes it back when `check` succeeds: only failures use up tries, and tries that
   * run at once can not outrun the count. `account` null counts the address only. Throws `rate_limited`.
   */
  attempt<T>(who: { account: string | null; address: string }, check: () => Promise<T>): Promise<T>
}

async function consume(limiter: RateLimiterPostgres, key: string, what: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
    throw new AppError(
      'rate_limited',
      `Too many failed tries for this ${what}: ${LOGIN_TRIES} a minute are allowed. Try again in ${seconds} s.`,
      { retryAfterMs: error.msBeforeNext },
    )
  }
}

/** A limiter over the rate_limits table. Counts in memory while the database is away. */
export function createLoginLimiter(db: Database, tries = LOGIN_TRIES): LoginLimiter {
  const limiter = (keyPrefix: string) =>
    new RateLimiterPostgres({
      storeClient: db.pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: true,
      keyPrefix,
      points: tries,
      duration: WINDOW_SECONDS,
      insuranceLimiter: new RateLimiterMemory({ keyPrefix, points: tries, duration: WINDOW_SECONDS }),
    })
  const byAddress = limiter('login-address')
  const byAccount = limiter('login-account')
  return {
    async attempt({ account, address }, check) {
      await consume(byAddress, address, 'address')
      if (account) await consume(byAccount, account, 'account')
      const result = await check()
      await byAddress.reward(address)
      if (account) await byAccount.reward(account)
      return result
    },
  }
}
