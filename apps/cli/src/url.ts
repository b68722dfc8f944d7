import { AppError, type AppRef, appRefSchema } from '@slipway/domain'

/** Where `npm start` of a clone listens. */
export const DEFAULT_URL = 'http://localhost:3000'

/**
 * The origin of an installation from what a person typed: the scheme may be left out. Throws `invalid_input`.
 */
export function parseInstallationUrl(text: string): string {
  const local = /^(localhost|127\.|\[::1\]|[^/]*\.localhost)/.test(text)
  const full = /^[a-z]+:\/\//i.test(text) ? text : `${local ? 'http' : 'https'}://${text}`
  const url = URL.canParse(full) ? new URL(full) : null
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AppError(
      'invalid_input',
      `"${text}" is not an address of Slipway. Give one such as https://slipway.example.com.`,
    )
  }
  return url.origin
}

/** The app, and the installation it is on, that a git remote's address names; null for other addresses. */
export function parseGitRemote(text: string): { url: string; ref: AppRef } | null {
  const url = URL.canParse(text) ? new URL(text) : null
  const match = /^\/git\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(url?.pathname ?? '')
  if (!url || !match) return null
  const [, team, project, environment, app] = match
  const ref = appRefSchema.safeParse({ team, project, environment, app })
  return ref.success ? { url: url.origin, ref: ref.data } : null
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** True when two origins are the same installation: on one machine it has several names. */
export function isSameInstallation(a: string, b: string): boolean {
  const [first, second] = [new URL(a), new URL(b)]
  const local = LOOPBACK.test(first.hostname) && LOOPBACK.test(second.hostname)
  return local ? first.protocol === second.protocol && first.port === second.port : first.origin === second.origin
}
