import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import { RateLimiterRes } from 'rate-limiter-flexible'
import { networkOf } from '../auth/login-limiter.ts'
import { createRateLimiter } from '../auth/rate-limiter.ts'

const HOUR_SECONDS = 3600
/** Requests an hour from one network, and mails an hour to one address, no matter who asks. */
const FROM_NETWORK = 10
const TO_ADDRESS = 5

/** Keeps others' mailboxes from being filled through us. */
export interface MailLimiter {
  /** Whether another mail may go to the address. Throws `rate_limited` where the caller has asked for too many. */
  take(request: { to: string; address: string }): Promise<boolean>
}

export function createMailLimiter(db: Database): MailLimiter {
  const byNetwork = createRateLimiter(db, { keyPrefix: 'mail-from', points: FROM_NETWORK, seconds: HOUR_SECONDS })
  const byAddress = createRateLimiter(db, { keyPrefix: 'mail-to', points: TO_ADDRESS, seconds: HOUR_SECONDS })
  const fits = (work: Promise<unknown>) =>
    work.then(
      () => true,
      (error) => {
        if (error instanceof RateLimiterRes) return false
        throw error
      },
    )
  return {
    async take({ to, address }) {
      if (!(await fits(byNetwork.consume(networkOf(address))))) {
        throw new AppError('rate_limited', `Too many links were asked for from your address. Try again in an hour.`)
      }
      return fits(byAddress.consume(to))
    },
  }
}
