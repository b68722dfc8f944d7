import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Challenge } from './challenge.ts'
import type { Credentials } from './credentials.ts'
import { type Attempt, failureOf, isAway, RegistryFailure, unreachable } from './failure.ts'

/** Answers a registry's challenges and keeps what it was given. */
export interface Authorizer {
  /** Value of the Authorization header for requests within these scopes, null where none is known yet. */
  header(scopes: readonly string[]): string | null
  /** Gets what a challenge asks for; afterwards `header` knows it. False: there is nothing new to try. */
  answer(challenge: Challenge, scopes: readonly string[], attempt: Attempt): Promise<boolean>
}

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
})
/** What the specification assumes where a token's life is not said, in seconds. */
const DEFAULT_LIFE_SECONDS = 60
/** Part of a token's life after which it is not used for new requests. */
const USED_LIFE = 0.8
const CLIENT_ID = 'slipway'
/** So long a token server may be away, from the first question on. */
const AWAY_MS = 60_000
const [FIRST_PAUSE_MS, LAST_PAUSE_MS] = [250, 4000]
const BUSY: ReadonlySet<number> = new Set([502, 503, 504])

/**
 * Basic and Bearer authentication for one registry.
 * Reference: https://distribution.github.io/distribution/spec/auth/token/
 * @param origin decides whether a token server may speak plain HTTP
 */
export function createAuthorizer(origin: string, credentials: Credentials | null, signal: AbortSignal): Authorizer {
  const tokens = new Map<string, { value: string; endsAtMs: number }>()
  let basic: string | null = null
  return {
    header(scopes) {
      if (basic !== null) return basic
      const token = tokens.get(keyOf(scopes))
      return token !== undefined && token.endsAtMs > Date.now() ? `Bearer ${token.value}` : null
    },
    async answer({ scheme, parameters }, scopes, attempt) {
      if (scheme === 'basic') {
        const header = basicHeader(credentials)
        if (header === null || header === basic) return false
        basic = header
        return true
      }
      const asked = (parameters.scope ?? '').split(' ').filter((scope) => scope !== '' && !isCovered(scope, scopes))
      const wanted = [...scopes, ...asked]
      const realm = realmOf(parameters.realm ?? '', origin, attempt)
      const token = await fetchToken({ realm, service: parameters.service ?? '', wanted, credentials, signal }, attempt)
      tokens.set(keyOf(scopes), token)
      return true
    },
  }
}

/** Ours are known to be wide enough for all that follows; a challenge names what this one request needs. */
function isCovered(scope: string, scopes: readonly string[]): boolean {
  const resource = scope.slice(0, scope.lastIndexOf(':') + 1)
  return scopes.some((each) => each.startsWith(resource))
}

const keyOf = (scopes: readonly string[]) => [...scopes].sort().join(' ')

function basicHeader(credentials: Credentials | null): string | null {
  if (credentials === null || 'identityToken' in credentials) return null
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`
}

/** Credentials never go over plain HTTP because a registry behind TLS says so. */
function realmOf(realm: string, origin: string, attempt: Attempt): URL {
  const url = URL.canParse(realm) ? new URL(realm) : null
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && origin.startsWith('http:'))) return url
  throw new RegistryFailure(
    `The registry ${attempt.host} names a token server that cannot be used ("${realm}").`,
    'Whoever runs the registry corrects its realm; it has to be an https address.',
    401,
  )
}

interface TokenRequest {
  realm: URL
  service: string
  wanted: readonly string[]
  credentials: Credentials | null
  signal: AbortSignal
}

async function fetchToken(request: TokenRequest, attempt: Attempt) {
  const { realm, signal } = request
  let asked = Date.now()
  const send = () => {
    asked = Date.now()
    const { url, init } = tokenRequest(request)
    return fetch(url, { ...init, signal })
  }
  const response = await patiently(send, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw unreachable(error, { ...attempt, host: realm.host })
  })
  if (!response.ok) {
    const status = response.status === 400 || response.status === 403 ? 401 : response.status
    throw await failureOf(new Response(await response.text(), { status, headers: response.headers }), attempt)
  }
  const parsed = tokenSchema.safeParse(await response.json().catch(() => null))
  const value = parsed.data?.token ?? parsed.data?.access_token
  if (value === undefined) {
    throw new RegistryFailure(
      `The token server of the registry ${attempt.host} answered without a token.`,
      'Whoever runs the registry finds out why.',
      response.status,
    )
  }
  const lifeMs = (parsed.data?.expires_in ?? DEFAULT_LIFE_SECONDS) * 1000
  return { value, endsAtMs: asked + lifeMs * USED_LIFE }
}

/** Asks again while a token server is starting, or busy: a build of minutes must not fail because it was restarted meanwhile. */
async function patiently(send: () => Promise<Response>, signal: AbortSignal): Promise<Response> {
  const deadline = Date.now() + AWAY_MS
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)) {
    const answer = await send().catch((error: unknown) => {
      if (!isAway(error) || Date.now() > deadline) throw error
      return null
    })
    if (answer !== null && (!BUSY.has(answer.status) || Date.now() > deadline)) return answer
    await answer?.body?.cancel()
    await sleep(pauseMs, undefined, { signal })
  }
}

/** A refresh token is exchanged by POST, everything else is asked by GET. */
function tokenRequest({ realm, service, wanted, credentials }: TokenRequest): { url: URL; init: RequestInit } {
  if (credentials !== null && 'identityToken' in credentials) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credentials.identityToken,
      service,
      client_id: CLIENT_ID,
      scope: wanted.join(' '),
    })
    return { url: realm, init: { method: 'POST', body } }
  }
  const url = new URL(realm)
  if (service !== '') url.searchParams.set('service', service)
  for (const scope of wanted) url.searchParams.append('scope', scope)
  const header = basicHeader(credentials)
  if (header === null) return { url, init: {} }
  url.searchParams.set('account', credentials !== null && 'username' in credentials ? credentials.username : '')
  return { url, init: { headers: { authorization: header } } }
}
