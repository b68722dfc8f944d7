import { createAuthorizer } from './authorizer.ts'
import { parseChallenge } from './challenge.ts'
import type { CredentialStore } from './credentials.ts'
import { type Attempt, failureOf, unreachable } from './failure.ts'
import { canonicalHost } from './reference.ts'

/** Requests to one repository of a registry, authorized as it asks. */
export interface Session {
  /** Origin of the registry, without a slash at the end. */
  origin: string
  repository: string
  signal: AbortSignal
  /**
   * Sends a request. An answer with a status other than those expected becomes a RegistryFailure, as does no answer.
   * @param target path below `/v2/<repository>/`, or an address that the registry gave
   */
  send(target: string | URL, request: RegistryRequest): Promise<Response>
}

export interface RegistryRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT'
  headers?: Record<string, string>
  body?: Blob
  /** Statuses that the caller handles. */
  expect: readonly number[]
  /** For the sentence of a failure, after "to": `push a layer`. */
  purpose: string
}

export interface SessionOptions {
  origin: string
  repository: string
  credentials: CredentialStore
  /** `pull` reads only; `push` writes too. */
  access: 'pull' | 'push'
  /** Another repository of the registry that layers are mounted from. */
  mountFrom?: string | null
  signal: AbortSignal
}

/** Opens a session; nothing is sent yet. */
export function openSession(options: SessionOptions): Session {
  const { origin, repository, signal, mountFrom = null } = options
  const host = canonicalHost(new URL(origin).host)
  const credentials = options.credentials.find(host, repository)
  const authorizer = createAuthorizer(origin, credentials, signal)
  const scopes = [
    `repository:${repository}:${options.access === 'push' ? 'pull,push' : 'pull'}`,
    ...(mountFrom === null ? [] : [`repository:${mountFrom}:pull`]),
  ]
  const once = async (url: URL, { method = 'GET', headers = {}, body }: RegistryRequest, attempt: Attempt) => {
    // Uploads may be handed to another host, which is not to see what the registry is opened with.
    const authorization = url.origin === origin ? authorizer.header(scopes) : null
    const all = { ...headers, ...(authorization === null ? {} : { authorization }) }
    try {
      return await fetch(url, { method, headers: all, signal, ...(body === undefined ? {} : { body }) })
    } catch (error) {
      signal.throwIfAborted()
      throw unreachable(error, attempt)
    }
  }
  return {
    origin,
    repository,
    signal,
    async send(target, request) {
      const url = target instanceof URL ? target : new URL(`${origin}/v2/${repository}/${target}`)
      const attempt: Attempt = { host, repository, purpose: request.purpose, hasCredentials: credentials !== null }
      let response = await once(url, request, attempt)
      const challenge = response.status === 401 ? parseChallenge(response.headers.get('www-authenticate')) : null
      if (challenge !== null && (await authorizer.answer(challenge, scopes, attempt))) {
        await response.body?.cancel()
        response = await once(url, request, attempt)
      }
      if (request.expect.includes(response.status)) return response
      throw await failureOf(response, attempt)
    },
  }
}

/** Address in a Location header. A proxy that ends TLS may make a registry say http for itself; that is not followed. */
export function locationOf(response: Response, { origin }: Session): URL {
  const url = new URL(response.headers.get('location') ?? '', origin)
  const own = new URL(origin)
  if (url.host === own.host && url.protocol === 'http:') url.protocol = own.protocol
  return url
}
