/**
 * The image registry, and the images unpacked from it and from others. Blobs and manifests are files named by their digest, written
 * aside and renamed, so a crash leaves none that is half. Safety net: blobs that no manifest names and images that no pod uses are
 * collected, and whatever is missing is pulled again when a pod needs it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Action, challengeOf, createAccessReader, type RegistryTokens } from './access.ts'
import { BlobStore } from './blob-store.ts'
import { RegistryError } from './errors.ts'
import { answer, HANDLERS } from './handlers.ts'
import { isRepositoryName, ManifestStore } from './manifest-store.ts'

export type { RegistryTokens } from './access.ts'
export { type Manifest, parseManifest } from './manifest-store.ts'

export interface RegistryOptions {
  dir: string
  /** Largest blob; default 4 GiB. */
  maxBlobBytes?: number
  /** Whose tokens open it; without them everybody on this machine may do everything. */
  tokens?: RegistryTokens
}

/** An OCI registry on a directory. Reference: https://github.com/opencontainers/distribution-spec (1.1). */
export interface Registry {
  blobs: BlobStore
  manifests: ManifestStore
  /** Answers requests under `/v2/`; false for every other path, which is left alone. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  /** Removes blobs that no manifest names. Answers the bytes freed. */
  collectGarbage(options?: { minAgeMs?: number; nowMs?: number }): Promise<number>
}

const DEFAULT_MAX_BLOB_BYTES = 4 * 1024 ** 3
const GARBAGE_MIN_AGE_MS = 60 * 60_000

/** Opens the registry; its directory is made when it is not there. */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const blobs = new BlobStore(options.dir, options.maxBlobBytes ?? DEFAULT_MAX_BLOB_BYTES)
  const manifests = new ManifestStore(options.dir, blobs)
  await blobs.prepare()
  await manifests.prepare()
  const readAccess = createAccessReader(options.tokens)
  const route = createRoute({ blobs, manifests, readAccess })
  return {
    blobs,
    manifests,
    async handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://registry')
      if (url.pathname !== '/v2' && !url.pathname.startsWith('/v2/')) return false
      try {
        await route(request, response, url)
      } catch (error) {
        answerError(request, response, error, options.tokens)
      }
      return true
    },
    async collectGarbage({ minAgeMs = GARBAGE_MIN_AGE_MS, nowMs = Date.now() } = {}) {
      const freed = await blobs.sweep(await manifests.reachable(), minAgeMs, nowMs)
      if (freed > 0) await manifests.forgetBlobs()
      return freed
    },
  }
}

interface RouteParts {
  blobs: BlobStore
  manifests: ManifestStore
  readAccess: ReturnType<typeof createAccessReader>
}

const ROUTE = /^\/v2\/(?<name>.+)\/(?<kind>blobs\/uploads|blobs|manifests|tags)\/(?<rest>[^/]*)$/

/** Nothing is answered without a token but the way to one. */
function createRoute({ blobs, manifests, readAccess }: RouteParts) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const access = await readAccess(request.headers.authorization)
    const { name = '', kind = '', rest = '' } = ROUTE.exec(url.pathname)?.groups ?? {}
    const actions = actionsOf(request.method ?? '', kind)
    if (access === null) throw new UnauthorizedError(isRepositoryName(name) ? name : null, actions)
    if (url.pathname === '/v2' || url.pathname === '/v2/') return answer(response, 200, {}, '{}')
    if (!isRepositoryName(name)) throw new RegistryError('NAME_INVALID', 'no such address in this registry')
    if (!access.may(name, actions)) throw new UnauthorizedError(name, actions)
    const handler = HANDLERS[`${request.method} ${kind}`]
    if (handler === undefined) throw new RegistryError('UNSUPPORTED', `${request.method} is not supported here`)
    await handler({ blobs, manifests, request, response, url, access }, name, decodeReference(rest))
  }
}

function actionsOf(method: string, kind: string): Action[] {
  if (method === 'GET' || method === 'HEAD') return ['pull']
  return method === 'DELETE' && kind !== 'blobs/uploads' ? ['delete'] : ['pull', 'push']
}

function decodeReference(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RegistryError('NAME_INVALID', 'no such address in this registry') // A % that begins no character.
  }
}

/** What a token, or a better one, is needed for. */
class UnauthorizedError extends RegistryError {
  readonly repository: string | null
  readonly actions: readonly Action[]

  constructor(repository: string | null, actions: readonly Action[]) {
    super('UNAUTHORIZED', 'authentication required')
    this.repository = repository
    this.actions = actions
  }
}

function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  tokens: RegistryTokens | undefined,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const known = error instanceof RegistryError
  const body = {
    errors: [{ code: known ? error.code : 'UNKNOWN', message: known ? error.message : 'the registry failed' }],
  }
  // A body that was refused half read would be taken for the next request.
  const close: Record<string, string> = request.complete ? {} : { connection: 'close' }
  const challenge: Record<string, string> =
    error instanceof UnauthorizedError && tokens !== undefined
      ? { 'www-authenticate': challengeOf(tokens, error.repository, error.actions) }
      : {}
  const headers = { 'content-type': 'application/json', ...challenge, ...close }
  answer(response, known ? error.status : 500, headers, JSON.stringify(body))
}
