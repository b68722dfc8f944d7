import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { BlobStore, isDigest } from './blob-store.ts'
import { RegistryError } from './errors.ts'
import { MAX_MANIFEST_BYTES, ManifestStore } from './manifest-store.ts'

export { type Manifest, parseManifest } from './manifest-store.ts'

export interface RegistryOptions {
  dir: string
  /** Largest blob; default 4 GiB. */
  maxBlobBytes?: number
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
  return {
    blobs,
    manifests,
    async handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://registry')
      if (url.pathname !== '/v2' && !url.pathname.startsWith('/v2/')) return false
      try {
        await route({ blobs, manifests, request, response, url })
      } catch (error) {
        answerError(request, response, error)
      }
      return true
    },
    async collectGarbage({ minAgeMs = GARBAGE_MIN_AGE_MS, nowMs = Date.now() } = {}) {
      return blobs.sweep(await manifests.reachable(), minAgeMs, nowMs)
    },
  }
}

interface Exchange {
  blobs: BlobStore
  manifests: ManifestStore
  request: IncomingMessage
  response: ServerResponse
  url: URL
}

const ROUTE = /^\/v2\/(?<name>.+)\/(?<kind>blobs\/uploads|blobs|manifests|tags)\/(?<rest>[^/]*)$/

async function route(exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange
  if (url.pathname === '/v2' || url.pathname === '/v2/') return answer(response, 200, {}, '{}')
  const { name, kind, rest } = ROUTE.exec(url.pathname)?.groups ?? {}
  if (name === undefined || rest === undefined)
    throw new RegistryError('NAME_INVALID', 'no such address in this registry')
  const handler = HANDLERS[`${request.method} ${kind}`]
  if (handler === undefined) throw new RegistryError('UNSUPPORTED', `${request.method} is not supported here`)
  await handler(exchange, name, decodeURIComponent(rest))
}

const HANDLERS: Record<string, (exchange: Exchange, name: string, rest: string) => Promise<void>> = {
  'HEAD blobs': getBlob,
  'GET blobs': getBlob,
  'POST blobs/uploads': startUpload,
  'PATCH blobs/uploads': patchUpload,
  'PUT blobs/uploads': finishUpload,
  'GET blobs/uploads': uploadStatus,
  'DELETE blobs/uploads': async ({ blobs, response }, _name, id) => {
    await blobs.cancelUpload(id)
    answer(response, 204)
  },
  'HEAD manifests': getManifest,
  'GET manifests': getManifest,
  'PUT manifests': putManifest,
  'DELETE manifests': async ({ manifests, response }, name, reference) => {
    await manifests.delete(name, reference)
    answer(response, 202)
  },
  'GET tags': async ({ manifests, response }, name) => {
    const tags = await manifests.tags(name)
    if (tags.length === 0) throw new RegistryError('NAME_UNKNOWN', `no repository ${name}`)
    answer(response, 200, { 'content-type': 'application/json' }, JSON.stringify({ name, tags }))
  },
}

async function getBlob({ blobs, request, response }: Exchange, _name: string, digest: string): Promise<void> {
  const size = await blobs.size(digest)
  if (size === null) throw new RegistryError('BLOB_UNKNOWN', `no blob ${digest}`)
  const range = rangeOf(request.headers.range, size)
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
    'content-length': range === null ? size : range.end - range.start + 1,
    ...(range === null ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
  })
  if (request.method === 'HEAD') response.end()
  else await pipeline(blobs.read(digest, range ?? undefined), response)
}

function rangeOf(header: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '')
  if (match === null) return null
  const start = Number(match[1])
  const end = match[2] ? Math.min(Number(match[2]), size - 1) : size - 1
  if (start > end) throw new RegistryError('RANGE_INVALID', `the blob has ${size} bytes`)
  return { start, end }
}

async function startUpload({ blobs, request, response, url }: Exchange, name: string): Promise<void> {
  const mount = url.searchParams.get('mount')
  if (mount !== null && isDigest(mount) && (await blobs.size(mount)) !== null)
    return created(response, name, 'blobs', mount)
  const id = await blobs.startUpload()
  const digest = url.searchParams.get('digest')
  if (digest === null) return accepted(response, name, id, 0)
  await blobs.append(id, request)
  await blobs.finishUpload(id, digest)
  created(response, name, 'blobs', digest)
}

async function patchUpload({ blobs, request, response }: Exchange, name: string, id: string): Promise<void> {
  const start = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1]
  const size = await blobs.uploadSize(id)
  if (start !== undefined && Number(start) !== size)
    throw new RegistryError('RANGE_INVALID', `the upload goes on at ${size}`)
  accepted(response, name, id, await blobs.append(id, request))
}

async function finishUpload({ blobs, request, response, url }: Exchange, name: string, id: string): Promise<void> {
  const digest = url.searchParams.get('digest') ?? ''
  blobs.fileOf(digest)
  await blobs.append(id, request)
  await blobs.finishUpload(id, digest)
  created(response, name, 'blobs', digest)
}

async function uploadStatus({ blobs, response }: Exchange, name: string, id: string): Promise<void> {
  const size = await blobs.uploadSize(id)
  answer(response, 204, { location: `/v2/${name}/blobs/uploads/${id}`, range: `0-${Math.max(0, size - 1)}` })
}

async function getManifest({ manifests, request, response }: Exchange, name: string, reference: string): Promise<void> {
  const found = await manifests.find(name, reference)
  if (found === null) throw new RegistryError('MANIFEST_UNKNOWN', `no manifest ${reference} in ${name}`)
  const content = await manifests.read(found.digest)
  const headers = {
    'content-type': found.mediaType,
    'docker-content-digest': found.digest,
    'content-length': content.length,
  }
  answer(response, 200, headers, request.method === 'HEAD' ? undefined : content)
}

async function putManifest({ manifests, request, response }: Exchange, name: string, reference: string): Promise<void> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_MANIFEST_BYTES)
      throw new RegistryError('SIZE_INVALID', `a manifest can have at most ${MAX_MANIFEST_BYTES} bytes`)
    chunks.push(chunk)
  }
  const mediaType = request.headers['content-type'] ?? 'application/vnd.oci.image.manifest.v1+json'
  const digest = await manifests.put(name, reference, Buffer.concat(chunks), mediaType)
  created(response, name, 'manifests', digest)
}

function created(response: ServerResponse, name: string, kind: 'blobs' | 'manifests', digest: string): void {
  answer(response, 201, { location: `/v2/${name}/${kind}/${digest}`, 'docker-content-digest': digest })
}

function accepted(response: ServerResponse, name: string, id: string, size: number): void {
  const headers = {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  }
  answer(response, 202, headers)
}

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  body?: string | Buffer,
): void {
  const length = body === undefined && !('content-length' in headers) && status !== 204 ? { 'content-length': 0 } : {}
  response.writeHead(status, { ...length, ...headers })
  response.end(body)
}

function answerError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
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
  answer(response, known ? error.status : 500, { 'content-type': 'application/json', ...close }, JSON.stringify(body))
}
