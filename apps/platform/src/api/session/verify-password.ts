import { createSession } from '@slipway/db'
import { type SignedIn, verifyPasswordInput } from '@slipway/domain'
import { checkPassword } from '../../auth/check-password.ts'
import { deviceOf } from '../../auth/device.ts'
import { publicProcedure } from '../procedures.ts'

/** What the console's sign-in asks: opens a session. At most ten wrong tries a minute for an account and for an address. */
export const sessionVerifyPassword = publicProcedure
  .input(verifyPasswordInput)
  .mutation(async ({ ctx, input }): Promise<SignedIn> => {
    const { id, email, name } = await checkPassword(ctx, input)
    const origin = { device: deviceOf(ctx.userAgent), address: ctx.address }
    const session = await createSession(ctx.db, { userId: id, ...origin, now: ctx.now() })
    return { id, email, name, sessionId: session.id }
  })
