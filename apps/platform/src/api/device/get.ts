import { findDeviceLogin } from '@slipway/db'
import { type DeviceLoginView, deviceCodeInput, formatDeviceCode } from '@slipway/domain'
import { isSameNetwork } from '../../auth/login-limiter.ts'
import { credentialsProcedure } from '../procedures.ts'

/** What waits with a code. Wrong codes are limited as wrong passwords are. */
export const deviceGet = credentialsProcedure
  .input(deviceCodeInput)
  .query(async ({ ctx, input }): Promise<DeviceLoginView> => {
    const { address, caller, loginLimiter } = ctx
    const login = await loginLimiter.attempt({ account: caller.email, address }, () =>
      findDeviceLogin(ctx.db, input.code, ctx.now()),
    )
    const { id, userCode, computer, createdAt, expiresAt, scope, expiresInDays } = login
    return {
      ...{ request: id, code: formatDeviceCode(userCode), computer, address: login.address, scope, expiresInDays },
      sameNetwork: isSameNetwork(login.address, address),
      askedAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }
  })
