import type { SessionLifetime } from '@slipway/db'
import { z } from 'zod'

const DAY_MS = 24 * 60 * 60_000
const days = (fallback: number) =>
  z.preprocess(
    (value) => (value === undefined || value === '' ? fallback : value),
    z.coerce.number().min(0.01, 'must be at least 0.01').max(365, 'must be at most 365'),
  )

/** Variables about accounts; a part of env.ts. */
export const accountVariables = {
  SLIPWAY_SESSION_IDLE_DAYS: days(14),
  SLIPWAY_SESSION_MAX_DAYS: days(90),
}
const environmentSchema = z.object(accountVariables)

export interface AccountSettings {
  sessionLifetime: SessionLifetime
}

export function accountSettings(env: z.infer<typeof environmentSchema>): AccountSettings {
  return {
    sessionLifetime: { idleMs: env.SLIPWAY_SESSION_IDLE_DAYS * DAY_MS, maxMs: env.SLIPWAY_SESSION_MAX_DAYS * DAY_MS },
  }
}

/** What an installation has that sets none of the variables. */
export const DEFAULT_ACCOUNT_SETTINGS = accountSettings(environmentSchema.parse({}))
