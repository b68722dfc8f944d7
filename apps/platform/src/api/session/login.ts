import { displayNameSchema, type NewTokenView, verifyPasswordInput } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { issueToken } from '../../auth/issue-token.ts'
import { publicProcedure } from '../procedures.ts'

const LOGIN_TOKEN_DAYS = 90

/** What the CLI's `login` asks: a password for an API token. Limited as session.verifyPassword is. */
export const sessionLogin = publicProcedure
  .input(verifyPasswordInput.extend({ tokenName: displayNameSchema }))
  .mutation(async ({ ctx, input }): Promise<NewTokenView> => {
    const user = await checkPassword(ctx, input)
    return issueToken(ctx, { userId: user.id, name: input.tokenName, scope: 'full', expiresInDays: LOGIN_TOKEN_DAYS })
  })
