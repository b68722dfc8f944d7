import { AppError, scopeAllows, type TokenScope } from '@slipway/domain'
import type { Caller } from './caller.ts'

/** Throws `forbidden` where an API token's scope does not reach. Sessions may do all that their account may. */
export function requireScope(caller: Caller, least: TokenScope): void {
  if (scopeAllows(caller.scope, least)) return
  throw new AppError(
    'forbidden',
    `This API token has the scope ${caller.scope}; this needs ${least}. Use another token, or create one in your account.`,
    { scope: caller.scope, needs: least },
  )
}
