import { pollDeviceLogin } from '@slipway/db'
import { type DeviceLoginAnswer, pollDeviceLoginInput } from '@slipway/domain'
import { tokenView } from '../../auth/issue-token.ts'
import { hashToken, newToken } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

/** Whether a person has approved by now; hands the token out once. Who polls too often is told to slow down (RFC 8628, 3.5). */
export const devicePoll = publicProcedure
  .input(pollDeviceLoginInput)
  .mutation(async ({ ctx, input }): Promise<DeviceLoginAnswer> => {
    const { secret, ...token } = newToken()
    const [secretHash, { address, db }] = [hashToken(input.secret), ctx]
    const answer = await pollDeviceLogin(db, { secretHash, token, address, now: ctx.now() })
    if (answer.status !== 'approved') return answer
    return { status: 'approved', token: { ...tokenView(answer.token), secret } }
  })
