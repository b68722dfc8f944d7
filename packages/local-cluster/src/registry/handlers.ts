import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Access } from './access.ts'
import { type BlobStore, isDigest } from './blob-store.ts'
import { RegistryError } from './errors.ts'
import { blobsOf, MAX_MANIFEST_BYTES, type ManifestStore, parseManifest } from './manifest-store.ts'

/** A request within a repository that its bearer may do this in. */
export interface Exchange {
  blobs: BlobStore
  manifests: ManifestStore
  request: IncomingMessage
  response: ServerResponse
  url: URL
  access: Access
}

/** By method and kind of address. */
export const HANDLERS: Record<string, (exchange: Exchange, name: string, rest: string) => Promise<void>> = {
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

async function getBlob(exchange: Exchange, name: string, digest: string): Promise<void> {
  const { blobs, manifests, request, response } = exchange
  const size = (await manifests.hasBlob(name, digest)) ? await blobs.size(digest) : null
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

/** A blob of a repository that the caller may not read, or that does not have it, has to be sent. */
async function startUpload(exchange: Exchange, name: string): Promise<void> {
  const { access, blobs, manifests, response, url } = exchange
  const [mount, from] = [url.searchParams.get('mount') ?? '', url.searchParams.get('from') ?? name]
  if (isDigest(mount) && access.may(from, ['pull']) && (await manifests.hasBlob(from, mount))) {
    await manifests.linkBlob(name, mount)
    return created(response, name, 'blobs', mount)
  }
  const id = await blobs.startUpload()
  const digest = url.searchParams.get('digest')
  if (digest === null) return accepted(response, name, id, 0)
  await finish(exchange, name, id, digest)
}

async function finish({ blobs, manifests, request, response }: Exchange, name: string, id: string, digest: string) {
  await blobs.append(id, request)
  await blobs.finishUpload(id, digest)
  await manifests.linkBlob(name, digest)
  created(response, name, 'blobs', digest)
}

async function patchUpload({ blobs, request, response }: Exchange, name: string, id: string): Promise<void> {
  const start = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1]
  const size = await blobs.uploadSize(id)
  if (start !== undefined && Number(start) !== size)
    throw new RegistryError('RANGE_INVALID', `the upload goes on at ${size}`)
  accepted(response, name, id, await blobs.append(id, request))
}

async function finishUpload(exchange: Exchange, name: string, id: string): Promise<void> {
  const digest = exchange.url.searchParams.get('digest') ?? ''
  exchange.blobs.fileOf(digest)
  await finish(exchange, name, id, digest)
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
  const content = Buffer.concat(chunks)
  for (const blob of blobsOf(parseManifest(content))) {
    if (!isDigest(blob) || !(await manifests.hasBlob(name, blob)))
      throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `blob ${blob} is not in ${name}`)
  }
  const digest = await manifests.put(name, reference, content, mediaType)
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

/** Sends an answer; one without a body says so. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  body?: string | Buffer,
): void {
  const length = body === undefined && !('content-length' in headers) && status !== 204 ? { 'content-length': 0 } : {}
  response.writeHead(status, { ...length, ...headers })
  response.end(body)
}
