import { verifyPasswordInput } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { AuthOptions } from 'next-auth'
import CredentialsProvider from 'next-auth/providers/credentials'
import { env } from '#env.ts'

/** How long a session lasts without a visit. */
const SESSION_MAX_AGE_SECONDS = 14 * 24 * 3600

/** Name of the session's cookie; browsers keep the prefixed one to https. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Secure-slipway.session-token' : 'slipway.session-token'
}

/**
 * Asks the platform whether this is the account's password. The client's address goes along, because tries are counted for
 * it. Throws an Error whose message is meant for the person who signs in.
 */
async function verifyPassword(credentials: unknown, clientAddress: string | undefined) {
  const input = verifyPasswordInput.safeParse(credentials)
  if (!input.success) throw new Error(input.error.issues[0]?.message ?? 'Enter an e-mail address and a password.')
  const platform = createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${env().platformUrl}/trpc`,
        headers: clientAddress ? { 'x-forwarded-for': clientAddress } : {},
      }),
    ],
  })
  try {
    return await platform.session.verifyPassword.mutate(input.data)
  } catch (error) {
    if (error instanceof TRPCClientError && error.data) throw new Error(error.message, { cause: error })
    throw new Error('Slipway’s platform does not answer. It may be starting: try again in a moment.', { cause: error })
  }
}

/** next-auth's configuration. Made per process, after the environment is known. */
export function authOptions(): AuthOptions {
  const { publicUrl, sessionSecret } = env()
  const secure = publicUrl.startsWith('https:')
  return {
    secret: sessionSecret,
    session: { strategy: 'jwt', maxAge: SESSION_MAX_AGE_SECONDS, updateAge: 24 * 3600 },
    jwt: { maxAge: SESSION_MAX_AGE_SECONDS },
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
        async authorize(credentials, request) {
          const forwarded: unknown = request.headers?.['x-forwarded-for']
          const account = await verifyPassword(credentials, typeof forwarded === 'string' ? forwarded : undefined)
          return { ...account, sessionVersion: account.sessionVersion }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) =>
        user ? { sub: user.id, email: user.email, name: user.name, sessionVersion: user.sessionVersion } : token,
    },
  }
}
