import { z } from 'zod'

const limit = (fallback: number) =>
  z.preprocess(
    (value) => (value === undefined || value === '' ? fallback : value),
    z.coerce.number('must be a number').int().min(1).max(100_000),
  )

/** How much one caller may hold at once; a part of env.ts. docs/operating.md has the table. */
export const limitVariables = {
  SLIPWAY_LIMIT_CALLS: limit(8),
  SLIPWAY_LIMIT_SOCKETS: limit(50),
  SLIPWAY_LIMIT_ADDRESS_SOCKETS: limit(250),
  SLIPWAY_LIMIT_SUBSCRIPTIONS: limit(200),
  SLIPWAY_LIMIT_LOG_STREAMS: limit(100),
  SLIPWAY_LIMIT_TERMINALS: limit(10),
}
const environmentSchema = z.object(limitVariables)

export interface LimitSettings {
  /** Calls of one account (or, without one, of one address) that run at once. */
  calls: number
  /** WebSockets of one account. */
  sockets: number
  /** WebSockets of one client address. */
  addressSockets: number
  /** Subscriptions of one account. */
  subscriptions: number
  /** Log streams of one team. */
  logStreams: number
  /** Terminals of one account, those that it left less than two minutes ago included. */
  terminals: number
}

export function limitSettings(env: z.infer<typeof environmentSchema>): LimitSettings {
  return {
    calls: env.SLIPWAY_LIMIT_CALLS,
    sockets: env.SLIPWAY_LIMIT_SOCKETS,
    addressSockets: env.SLIPWAY_LIMIT_ADDRESS_SOCKETS,
    subscriptions: env.SLIPWAY_LIMIT_SUBSCRIPTIONS,
    logStreams: env.SLIPWAY_LIMIT_LOG_STREAMS,
    terminals: env.SLIPWAY_LIMIT_TERMINALS,
  }
}

/** What an installation has that sets none of the variables. */
export const DEFAULT_LIMITS: LimitSettings = limitSettings(environmentSchema.parse({}))
