import { acceptInvitation, findAccountByEmail, getInvitation } from '@slipway/db'
import { AppError, acceptInvitationInput } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { hashPassword } from '../../auth/passwords.ts'
import { hashToken } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

/** Makes the invited address a member: its account proves itself by session or password, or is made with the name and password given. */
export const invitationAccept = publicProcedure
  .input(acceptInvitationInput)
  .mutation(async ({ ctx, input }): Promise<{ team: string }> => {
    const tokenHash = hashToken(input.token)
    const { email } = await getInvitation(ctx.db, tokenHash, ctx.now())
    const { name, password } = input
    if (await findAccountByEmail(ctx.db, email)) {
      const { caller } = ctx.identity
      // A token of a lesser scope may not widen what it reaches.
      if (caller?.email !== email || caller.scope !== 'full') {
        if (!password) throw new AppError('unauthenticated', `Sign in as ${email} to accept this invitation.`)
        await checkPassword(ctx, { email, password })
      }
      const { team } = await acceptInvitation(ctx.db, { tokenHash, account: null, now: ctx.now() })
      return { team }
    }
    if (!name || !password) {
      throw new AppError(
        'invalid_input',
        'Choose a name and a password of at least 10 characters for your new account.',
      )
    }
    const account = { name, passwordHash: await hashPassword(password) }
    const { team } = await acceptInvitation(ctx.db, { tokenHash, account, now: ctx.now() })
    return { team }
  })
