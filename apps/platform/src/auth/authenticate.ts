import type { IncomingHttpHeaders } from 'node:http'
import { type Database, findSession, findTokenUser, type SessionLifetime, touchSession, touchToken } from '@slipway/db'
import { AppError } from '@slipway/domain'
import { decode } from 'next-auth/jwt'
import { z } from 'zod'
import type { Caller, Identity } from './caller.ts'
import { DEACTIVATED } from './check-password.ts'
import { hashToken, TOKEN_PREFIX } from './tokens.ts'

const COOKIE = 'slipway.session-token'
/** next-auth splits a cookie that grows over 4 KiB into `<name>.0`, `<name>.1`…; ours never needs more than this. */
const MAX_COOKIE_PARTS = 4

const sessionClaims = z.object({ sub: z.uuid(), sessionId: z.uuid() })

export interface AuthenticatorOptions {
  db: Database
  /** SLIPWAY_SESSION_SECRET, which the console signs with. */
  sessionSecret: string
  sessionLifetime: SessionLifetime
  now: () => Date
}

/** Finds out who makes a request. Asks the database every time, so that what is revoked ends at once. */
export interface Authenticator {
  /**
   * From the Authorization header, else from the cookie. `usedFrom` is the client's address where the credentials are used; null
   * where it is only asked whether they still count. Throws only when the database is away.
   */
  identify(headers: IncomingHttpHeaders, usedFrom: string | null): Promise<Identity>
  /** The account of an API token. Throws `unauthenticated` when it is unknown, revoked or expired. */
  byToken(secret: string): Promise<Caller>
}

function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=')
    if (at > 0) cookies.set(part.slice(0, at).trim(), part.slice(at + 1).trim())
  }
  return cookies
}

/** The session's JWT from the cookie; the `__Secure-` one first. Empty when there is none. */
function sessionCookie(header: string | undefined): string {
  const cookies = parseCookies(header)
  for (const name of [`__Secure-${COOKIE}`, COOKIE]) {
    const whole = cookies.get(name)
    if (whole) return whole
    let joined = ''
    for (let part = 0; part < MAX_COOKIE_PARTS; part++) joined += cookies.get(`${name}.${part}`) ?? ''
    if (joined) return joined
  }
  return ''
}

/** Claims of a session's JWT; null when it was not signed by us, or has expired. */
async function readSession(jwt: string, secret: string): Promise<z.infer<typeof sessionClaims> | null> {
  try {
    return sessionClaims.safeParse(await decode({ token: jwt, secret })).data ?? null
  } catch {
    return null // jose throws for every kind of unreadable token; all of them mean "not signed in".
  }
}

export function createAuthenticator({ db, sessionSecret, sessionLifetime, now }: AuthenticatorOptions): Authenticator {
  async function bySession(jwt: string, via: Caller['via'], usedFrom: string | null): Promise<Identity> {
    const claims = await readSession(jwt, sessionSecret)
    const session = claims && { id: claims.sessionId, userId: claims.sub }
    const found = session && (await findSession(db, session, sessionLifetime, now()))
    if (found) {
      const { user, lastUsedAt } = found
      if (usedFrom !== null) await touchSession(db, { id: session.id, lastUsedAt, address: usedFrom }, now())
      return { caller: { ...user, via, credentialId: session.id, scope: 'full' }, problem: null }
    }
    return { caller: null, problem: new AppError('unauthenticated', 'Your session has ended. Sign in again.') }
  }

  async function byToken(secret: string): Promise<Caller> {
    const found = await findTokenUser(db, hashToken(secret))
    if (!found) throw new AppError('unauthenticated', 'This API token is not valid. Create a new one in your account.')
    if (found.deactivated) throw new AppError('unauthenticated', DEACTIVATED)
    if (found.revokedAt)
      throw new AppError('unauthenticated', 'This API token was revoked. Create a new one in your account.')
    if (found.expiresAt && found.expiresAt <= now()) {
      throw new AppError('unauthenticated', 'This API token has expired. Create a new one in your account.')
    }
    await touchToken(db, found, now())
    return { ...found.user, via: 'token', credentialId: found.tokenId, scope: found.scope }
  }

  return {
    byToken,
    async identify(headers, usedFrom) {
      const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
      if (bearer?.startsWith(TOKEN_PREFIX)) {
        try {
          return { caller: await byToken(bearer), problem: null }
        } catch (error) {
          if (error instanceof AppError && error.code === 'unauthenticated') return { caller: null, problem: error }
          throw error
        }
      }
      if (bearer) return bySession(bearer, 'session', usedFrom)
      const cookie = sessionCookie(headers.cookie)
      return cookie ? bySession(cookie, 'cookie', usedFrom) : { caller: null, problem: null }
    },
  }
}
