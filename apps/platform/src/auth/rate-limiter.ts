import type { Database } from '@slipway/db'
import { RateLimiterMemory, RateLimiterPostgres } from 'rate-limiter-flexible'

/** Counts over the rate_limits table, so that a restart forgets nothing and replicas count together. In memory while the database is away. */
export function createRateLimiter(
  db: Database,
  { keyPrefix, points, seconds }: { keyPrefix: string; points: number; seconds: number },
): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: db.pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: true,
    keyPrefix,
    points,
    duration: seconds,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: seconds }),
  })
}
