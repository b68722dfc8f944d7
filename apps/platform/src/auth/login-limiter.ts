import { isIP } from 'node:net'
import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import { type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { createRateLimiter } from './rate-limiter.ts'

/** Wrong tries a minute from one address, for one account and for all of them. */
const ACCOUNT_TRIES = 10
const ADDRESS_TRIES = 30
const WINDOW_SECONDS = 60

/** Slows down guessing of passwords and tokens. Counted in the database: a restart forgets nothing, replicas count together. */
export interface LoginLimiter {
  /**
   * Counts a try before `check` runs, and takes it back when `check` succeeds: only failures use up tries, and tries that
   * run at once cannot outrun the count. `account` null counts the address only. An account is counted for each address apart:
   * knowing an account's name is not enough to lock its owner out. Throws `rate_limited`.
   */
  attempt<T>(who: { account: string | null; address: string }, check: () => Promise<T>): Promise<T>
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
    throw new AppError(
      'rate_limited',
      `Too many failed attempts from your address: ${limiter.points} a minute are allowed. Try again in ${seconds} s.`,
      { retryAfterMs: error.msBeforeNext },
    )
  }
}

/** An IPv6 network of 64 bits is one person's, who has all of its addresses: `2001:db8:0:7::/64`. IPv4 is as it is. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/

/** Whether two addresses are of one network, or both of this machine. */
export function isSameNetwork(a: string, b: string): boolean {
  return networkOf(a) === networkOf(b) || (LOOPBACK.test(a) && LOOPBACK.test(b))
}

/** Wrong tries are counted in the rate_limits table. */
export function createLoginLimiter(db: Database): LoginLimiter {
  const limiter = (keyPrefix: string, points: number) =>
    createRateLimiter(db, { keyPrefix, points, seconds: WINDOW_SECONDS })
  const byAddress = limiter('login-address', ADDRESS_TRIES)
  const byAccount = limiter('login-account', ACCOUNT_TRIES)
  return {
    async attempt({ account, address }, check) {
      const from = networkOf(address)
      const pair = account === null ? null : `${account} ${from}`
      if (pair !== null) await consume(byAccount, pair)
      await consume(byAddress, from)
      const result = await check()
      await byAddress.reward(from)
      if (pair !== null) await byAccount.reward(pair)
      return result
    },
  }
}
