import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { AppError } from '@slipway/domain'
import type { FetchGuard } from './fetch-guard.ts'

/** Where a repository is in the end, and the addresses that were checked for it. */
export interface SettledAddress {
  url: string
  addresses: string[]
}

const MAX_REDIRECTS = 5
const TIMEOUT_MS = 10_000
const DISCOVERY = '/info/refs?service=git-upload-pack'

/**
 * Follows a repository's redirects before git does, which would resolve their hosts by itself: each step is resolved once, checked,
 * and asked at the address that was checked. The credentials are shown to their own origin only.
 * @throws AppError of the guard; `conflict` where redirects lead in circles or away from https
 */
export async function settleAddress(
  url: string,
  credentials: { user: string; token: string } | null,
  guard: FetchGuard,
  signal?: AbortSignal,
): Promise<SettledAddress> {
  const { origin } = new URL(url)
  let at = new URL(url)
  for (let step = 0; step <= MAX_REDIRECTS; step++) {
    const addresses = await guard.addressesOf(at)
    const next = await redirectOf(at, addresses, at.origin === origin ? credentials : null, signal)
    if (next === null) return { url: at.href, addresses }
    if (at.protocol === 'https:' && next.protocol !== 'https:') {
      throw new AppError(
        'conflict',
        `${at.host} redirects to ${next.host} without https, which Slipway does not follow.`,
      )
    }
    at = next
  }
  throw new AppError('conflict', `${new URL(url).host} redirects more than ${MAX_REDIRECTS} times.`)
}

/** The repository that an answer leads on to; null where it answers itself, or not at all: git has the words for that. */
async function redirectOf(
  url: URL,
  addresses: readonly string[],
  credentials: { user: string; token: string } | null,
  signal?: AbortSignal,
): Promise<URL | null> {
  const asked = new URL(url.href.replace(/\/+$/, '') + DISCOVERY)
  const location = await locationOf(asked, addresses, credentials, signal)
  if (location === null || !URL.canParse(location, asked.href)) return null
  const next = new URL(location, asked)
  if (!/^https?:$/.test(next.protocol) || !next.href.endsWith(DISCOVERY)) return null
  return new URL(next.href.slice(0, -DISCOVERY.length))
}

/** The Location of a redirect; null for every other answer, and for none. */
function locationOf(
  url: URL,
  addresses: readonly string[],
  credentials: { user: string; token: string } | null,
  signal?: AbortSignal,
): Promise<string | null> {
  const request = url.protocol === 'https:' ? https.request : http.request
  const limit = AbortSignal.timeout(TIMEOUT_MS)
  return new Promise((resolve) => {
    const asking = request(url, {
      agent: false,
      lookup: pinned(addresses),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: { 'user-agent': 'git/slipway' },
      ...(credentials === null ? {} : { auth: `${credentials.user}:${credentials.token}` }),
    })
    asking.on('response', (response) => {
      const { statusCode = 0, headers } = response
      response.destroy()
      resolve([301, 302, 303, 307, 308].includes(statusCode) ? (headers.location ?? null) : null)
    })
    asking.on('error', () => resolve(null))
    asking.end()
  })
}

/** Answers what was checked, whatever the name resolves to by now. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  return (_hostname, options, callback) => {
    const [first = { address: '', family: 4 }] = all
    if (options.all) callback(null, all)
    else callback(null, first.address, first.family)
  }
}
