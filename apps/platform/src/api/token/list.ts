import { listTokens } from '@slipway/db'
import type { TokenView } from '@slipway/domain'
import { tokenView } from '../../auth/issue-token.ts'
import { credentialsProcedure } from '../procedures.ts'

export const tokenList = credentialsProcedure.query(async ({ ctx }): Promise<TokenView[]> => {
  const tokens = await listTokens(ctx.db, ctx.caller.userId)
  return tokens.map(tokenView)
})
