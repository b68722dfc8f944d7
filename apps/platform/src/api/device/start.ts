import { createDeviceLogin } from '@slipway/db'
import { type DeviceLoginStarted, formatDeviceCode, startDeviceLoginInput } from '@slipway/domain'
import { newDeviceCode } from '../../auth/device-code.ts'
import { networkOf } from '../../auth/login-limiter.ts'
import { hashToken, newLinkSecret } from '../../auth/tokens.ts'
import { publicProcedure } from '../procedures.ts'

const CODE_SECONDS = 10 * 60
const INTERVAL_SECONDS = 2

/** What the CLI's `login` asks first: a code that a person approves in the console (RFC 8628, 3.1 and 3.2). */
export const deviceStart = publicProcedure
  .input(startDeviceLoginInput)
  .mutation(async ({ ctx, input }): Promise<DeviceLoginStarted> => {
    const [secret, userCode, createdAt] = [newLinkSecret(), newDeviceCode(), ctx.now()]
    const expiresAt = new Date(createdAt.getTime() + CODE_SECONDS * 1000)
    const from = { address: ctx.address, network: networkOf(ctx.address) }
    const times = { intervalSeconds: INTERVAL_SECONDS, createdAt, expiresAt }
    await createDeviceLogin(ctx.db, { ...input, ...from, ...times, secretHash: hashToken(secret), userCode })
    return {
      ...{ secret, code: formatDeviceCode(userCode) },
      url: `${ctx.config.publicUrl}/cli-login`,
      expiresInSeconds: CODE_SECONDS,
      intervalSeconds: INTERVAL_SECONDS,
    }
  })
