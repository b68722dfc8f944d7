import { AppError } from '@slipway/domain'
import type { Identity } from '../auth/caller.ts'
import type { LimitSettings } from '../env-limits.ts'
import { createFairLimiter, createHeldLimiter, type FairLimiter, type HeldLimiter } from '../server/fair-limiter.ts'

/** Calls of everybody at once, fewer than the database has connections: streams and controllers need some, too. */
const CALLS_AT_ONCE = 14
const CALLS_WAITING = 300
/** Of one caller while others ask, too: what they wait for is one thread and the database. */
const CALLS_BESIDE_OTHERS = 2

/** What one caller may take of the API, so that others have theirs. */
export interface ApiLimits {
  calls: FairLimiter
  subscriptions: HeldLimiter
}

export function createApiLimits({ calls, subscriptions }: LimitSettings): ApiLimits {
  return {
    calls: createFairLimiter({
      atOnce: CALLS_AT_ONCE,
      perKey: calls,
      perKeyBesideOthers: CALLS_BESIDE_OTHERS,
      waitingPerKey: CALLS_WAITING,
      what: 'calls',
    }),
    subscriptions: createHeldLimiter(subscriptions),
  }
}

/** Who a request counts for: the account, or the address of those without one. */
export const callerKey = ({ identity, address }: { identity: Identity; address: string }): string =>
  identity.caller?.userId ?? `address ${address}`

/** A subscription's stream, counted from its first read to its end. Throws `rate_limited` where the caller has too many. */
export async function* heldStream(
  stream: AsyncIterable<unknown>,
  limits: ApiLimits,
  key: string,
): AsyncGenerator<unknown> {
  const giveBack = limits.subscriptions.take(key)
  if (giveBack === null) {
    throw new AppError('rate_limited', 'Your account has too many live streams open. Close some tabs or terminals.')
  }
  try {
    yield* stream
  } finally {
    giveBack()
  }
}
