import { verifyPasswordInput } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AuthOptions } from 'next-auth'
import { encode, type JWT } from 'next-auth/jwt'
import CredentialsProvider from 'next-auth/providers/credentials'
import { env } from '#env.ts'

/** The cookie outlives every session: how long one lasts is the platform's decision, which keeps it. */
const COOKIE_MAX_AGE_SECONDS = 366 * 24 * 3600

/** Name of the session's cookie; browsers keep the prefixed one to https. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Secure-slipway.session-token' : 'slipway.session-token'
}

/** A client of the platform for what next-auth asks it. */
const platform = (headers: Record<string, string>) =>
  createTRPCClient<AppRouter>({ links: [httpLink({ url: `${env().platformUrl}/trpc`, headers })] })

/**
 * Has the platform open a session for this account. The client's address and browser go along, because tries are counted for the one
 * and sessions are listed with both. Throws an Error whose message is meant for the person who signs in.
 */
async function openSession(credentials: unknown, client: Record<string, string>) {
  const input = verifyPasswordInput.safeParse(credentials)
  if (!input.success) throw new Error(input.error.issues[0]?.message ?? 'Enter an e-mail address and a password.')
  try {
    return await platform(client).session.verifyPassword.mutate(input.data)
  } catch (error) {
    if (error instanceof TRPCClientError && error.data) throw new Error(error.message, { cause: error })
    throw new Error('Slipway’s platform is not answering. It may be starting: try again in a moment.', { cause: error })
  }
}

/** Has the platform end the session that a cookie stands for, so that no copy of the cookie is worth anything. */
async function endSession(token: JWT, secret: string): Promise<void> {
  const authorization = `Bearer ${await encode({ token, secret, maxAge: 60 })}`
  await platform({ authorization }).session.end.mutate()
}

/** Those of a request's headers that say who is there. */
function clientOf(headers: Record<string, unknown> | undefined): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['x-forwarded-for', 'user-agent']) {
    const value = headers?.[name]
    if (typeof value === 'string') found[name] = value
  }
  return found
}

/** next-auth's configuration. Made per process, after the environment is known. */
export function authOptions(): AuthOptions {
  const { publicUrl, sessionSecret } = env()
  const secure = publicUrl.startsWith('https:')
  return {
    secret: sessionSecret,
    session: { strategy: 'jwt', maxAge: COOKIE_MAX_AGE_SECONDS, updateAge: 24 * 3600 },
    jwt: { maxAge: COOKIE_MAX_AGE_SECONDS },
    pages: { signIn: '/login', error: '/login' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: {
        name: sessionCookieName(publicUrl),
        options: { httpOnly: true, sameSite: 'lax', path: '/', secure },
      },
    },
    providers: [
      CredentialsProvider({
        credentials: { email: {}, password: {} },
        authorize: (credentials, request) => openSession(credentials, clientOf(request.headers)),
      }),
    ],
    events: {
      signOut: ({ token }) => endSession(token, sessionSecret),
    },
    callbacks: {
      jwt: ({ token, user }) =>
        user ? { sub: user.id, email: user.email, name: user.name, sessionId: user.sessionId } : token,
    },
  }
}
