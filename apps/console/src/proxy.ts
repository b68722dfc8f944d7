import { type NextRequest, NextResponse } from 'next/server'
import { getToken } from 'next-auth/jwt'
import { sessionCookieName } from '#auth/options.ts'
import { env, isDevelopment } from '#env.ts'

const PUBLIC = /^\/(login|setup|invite)(\/|$)/

/**
 * Sends the signed-out to the sign-in page and back to where they wanted to go. It looks at the cookie only; whether the
 * session still counts, and what it may see, is the platform's decision on every call.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname, search } = request.nextUrl
  if (PUBLIC.test(pathname) || (isDevelopment() && pathname.startsWith('/dev/'))) return NextResponse.next()
  const { publicUrl, sessionSecret } = env()
  const session = await getToken({ req: request, secret: sessionSecret, cookieName: sessionCookieName(publicUrl) })
  if (session) return NextResponse.next()
  const login = request.nextUrl.clone()
  login.pathname = '/login'
  login.search = pathname === '/' ? '' : `?${new URLSearchParams({ next: `${pathname}${search}` })}`
  return NextResponse.redirect(login)
}

export const config = {
  // Pages only: files have a dot, and /api/auth is how one signs in.
  matcher: ['/((?!api/|_next/|.*\\..*).*)'],
}
