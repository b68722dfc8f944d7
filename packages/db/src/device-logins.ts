import { AppError, type TokenScope } from '@slipway/domain'
import { writeAccountEvent } from './account-events.ts'
import type { Database } from './database.ts'
import { orConflict } from './errors.ts'
import type { ApiToken, DeviceLogin } from './generated/client.ts'
import { insertToken } from './tokens.ts'

/** Command lines of one network that wait at the same time, and of all. */
const MAX_OPEN_PER_NETWORK = 20
const MAX_OPEN = 2_000
/** What one that polls too soon waits longer from then on (RFC 8628, 3.5). */
const SLOW_DOWN_SECONDS = 5
/** Timers and networks are not exact to the millisecond. */
const TOLERANCE_MS = 300
const DAY_MS = 24 * 60 * 60_000
const NAME_LENGTH = 80

export type NewDeviceLogin = Pick<
  DeviceLogin,
  | 'secretHash'
  | 'userCode'
  | 'computer'
  | 'address'
  | 'network'
  | 'scope'
  | 'expiresInDays'
  | 'intervalSeconds'
  | 'createdAt'
  | 'expiresAt'
>

/** Notes that a command line asks to be let in. Throws `rate_limited` when too many wait. */
export async function createDeviceLogin(db: Database, login: NewDeviceLogin): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.deviceLogin.deleteMany({ where: { expiresAt: { lte: login.createdAt } } })
    const [ofNetwork, all] = [
      await tx.deviceLogin.count({ where: { network: login.network } }),
      await tx.deviceLogin.count(),
    ]
    if (ofNetwork >= MAX_OPEN_PER_NETWORK || all >= MAX_OPEN) {
      throw new AppError(
        'rate_limited',
        `Too many command line sign-ins are waiting${ofNetwork >= MAX_OPEN_PER_NETWORK ? ' from your network' : ''}. Approve or refuse one, or try again in 10 minutes.`,
      )
    }
    await orConflict('Try again: this code was taken just now.', () => tx.deviceLogin.create({ data: login }))
  })
}

const ENDED =
  'There is no sign-in with this code. It may have expired or been used: run "slipway login" again for a new one.'
const undecided = (now: Date) => ({ userId: null, refused: false, expiresAt: { gt: now } })

/** The one that waits with this code. Throws `not_found`. */
export async function findDeviceLogin(db: Database, userCode: string, now: Date): Promise<DeviceLogin> {
  const login = await db.client.deviceLogin.findFirst({ where: { userCode, ...undecided(now) } })
  if (!login) throw new AppError('not_found', ENDED)
  return login
}

export interface DeviceDecision {
  id: string
  userCode: string
  userId: string
  /** What its token may do and how long; null refuses it. */
  grant: { scope: TokenScope; expiresInDays: number } | null
  address: string
  now: Date
}

/** Approves or refuses, once. Throws `not_found` when it has expired or was decided on. */
export async function decideDeviceLogin(db: Database, decision: DeviceDecision): Promise<void> {
  const { id, userCode, userId, grant, address, now } = decision
  await db.transaction(async (tx) => {
    const { count } = await tx.deviceLogin.updateMany({
      where: { id, userCode, ...undecided(now) },
      data: grant ? { userId, ...grant } : { refused: true },
    })
    if (count === 0) throw new AppError('not_found', ENDED)
    const login = await tx.deviceLogin.findUniqueOrThrow({ where: { id } })
    const who = `the command line on ${login.computer} at ${login.address}`
    await writeAccountEvent(tx, {
      userId,
      action: grant ? 'device.approve' : 'device.refuse',
      summary: grant
        ? `Approved the sign-in of ${who} (${grant.scope}, ${grant.expiresInDays} days).`
        : `Refused the sign-in of ${who}.`,
      address,
    })
  })
}

export type DevicePoll =
  | { status: 'pending' | 'slow_down'; intervalSeconds: number }
  | { status: 'refused' }
  | { status: 'expired' }
  | { status: 'approved'; token: ApiToken }

/**
 * What has become of the one that polls with this secret. Of several polls at once one gets the token: `token` is what it
 * will be, and the row goes in the transaction that stores it.
 */
export function pollDeviceLogin(
  db: Database,
  {
    secretHash,
    token,
    address,
    now,
  }: { secretHash: string; token: Pick<ApiToken, 'hash' | 'hint'>; address: string; now: Date },
): Promise<DevicePoll> {
  return db.transaction(async (tx): Promise<DevicePoll> => {
    await tx.$queryRaw`SELECT id FROM device_logins WHERE "secretHash" = ${secretHash} FOR UPDATE`
    const login = await tx.deviceLogin.findUnique({ where: { secretHash }, include: { user: true } })
    if (!login || login.expiresAt <= now) return { status: 'expired' }
    const { id, polledAt, intervalSeconds, user } = login
    if (login.refused || user?.deactivatedAt) {
      await tx.deviceLogin.delete({ where: { id } })
      return { status: 'refused' }
    }
    if (polledAt && now.getTime() - polledAt.getTime() < intervalSeconds * 1000 - TOLERANCE_MS) {
      const slower = intervalSeconds + SLOW_DOWN_SECONDS
      await tx.deviceLogin.update({ where: { id }, data: { intervalSeconds: slower, polledAt: now } })
      return { status: 'slow_down', intervalSeconds: slower }
    }
    if (!user) {
      await tx.deviceLogin.update({ where: { id }, data: { polledAt: now } })
      return { status: 'pending', intervalSeconds }
    }
    await tx.deviceLogin.delete({ where: { id } })
    const expiresAt = new Date(now.getTime() + login.expiresInDays * DAY_MS)
    const name = `slipway on ${login.computer}`.slice(0, NAME_LENGTH)
    const made = { ...token, userId: user.id, name, scope: login.scope, expiresAt }
    return { status: 'approved', token: await insertToken(tx, made, { now, address }) }
  })
}
