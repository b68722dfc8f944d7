import { type NextRequest, NextResponse } from 'next/server'
import { getToken } from 'next-auth/jwt'
import { sessionCookieName } from '#auth/options.ts'
import { env, isDevelopment } from '#env.ts'

const PUBLIC = /^\/(login|setup|invite|forgot|reset)(\/|$)/

/**
 * Scripts run only where this answer names them; styles are inline in many components. `strict-dynamic` lets Next.js load its parts.
 * Reference: https://nextjs.org/docs/app/guides/content-security-policy
 */
function policyOf(nonce: string, publicUrl: string): string {
  const sockets = publicUrl.replace(/^http/, 'ws')
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment() ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${sockets}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The page with the policy that its scripts are allowed by; Next.js takes the nonce from the request's header. */
function withPolicy(request: NextRequest, publicUrl: string): NextResponse {
  const policy = policyOf(Buffer.from(crypto.randomUUID()).toString('base64'), publicUrl)
  const headers = new Headers(request.headers)
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/**
 * Sends the signed-out to the sign-in page and back to where they wanted to go. It looks at the cookie only; whether the
 * session still counts, and what it may see, is the platform's decision on every call.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname, search } = request.nextUrl
  const { publicUrl, sessionSecret } = env()
  // Names with a dot are files.
  const isOpen = PUBLIC.test(pathname) || pathname.includes('.') || (isDevelopment() && pathname.startsWith('/dev/'))
  if (isOpen) return withPolicy(request, publicUrl)
  const session = await getToken({ req: request, secret: sessionSecret, cookieName: sessionCookieName(publicUrl) })
  if (session) return withPolicy(request, publicUrl)
  const login = request.nextUrl.clone()
  login.pathname = '/login'
  login.search = pathname === '/' ? '' : `?${new URLSearchParams({ next: `${pathname}${search}` })}`
  return NextResponse.redirect(login)
}

export const config = {
  // Pages: /api/auth is how one signs in, and below _next are the scripts themselves.
  matcher: ['/((?!api/|_next/).*)'],
}
