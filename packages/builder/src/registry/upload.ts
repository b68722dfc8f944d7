import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryFailure } from './failure.ts'
import { locationOf, type Session } from './session.ts'

/** A content to push, that can be read more than once and from any place. */
export interface UploadContent {
  digest: string
  blob: Blob
}

/** Size of the pieces after the whole was cut or found too large, in bytes: below the usual limits of proxies. */
const PIECE_BYTES = 8 * 1024 ** 2
const MAX_FAILURES_IN_A_ROW = 5
const PAUSE = { baseMs: 250, maxMs: 8_000 }
const PURPOSE = 'push a layer'

/** True when the repository has the blob. */
export async function hasBlob(session: Session, digest: string): Promise<boolean> {
  const response = await session.send(`blobs/${digest}`, {
    method: 'HEAD',
    expect: [200, 404],
    purpose: 'read its layers',
  })
  return response.status === 200
}

/** Questions to a registry at the same time. */
const AT_ONCE = 6

/** Those of the blobs that the repository lacks. The first question gets the token that the others use. */
export async function missingBlobs(session: Session, digests: readonly string[]): Promise<Set<string>> {
  const missing = new Set<string>()
  const rest = [...new Set(digests)]
  for (let count = 1; rest.length > 0; count = AT_ONCE) {
    const asked = rest.splice(0, count)
    const found = await Promise.all(asked.map((digest) => hasBlob(session, digest)))
    for (const [index, digest] of asked.entries()) if (found[index] === false) missing.add(digest)
  }
  return missing
}

/**
 * Begins an upload. With `mountFrom` the registry may take the blob from that repository instead: then null.
 * Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository
 */
export async function beginUpload(session: Session, digest: string, mountFrom: string | null): Promise<URL | null> {
  const mount = mountFrom === null ? '' : `?${new URLSearchParams({ mount: digest, from: mountFrom })}`
  const response = await session.send(`blobs/uploads/${mount}`, {
    method: 'POST',
    expect: [201, 202],
    purpose: PURPOSE,
  })
  await response.body?.cancel()
  return response.status === 201 ? null : locationOf(response, session)
}

/**
 * Sends a blob. One request where that works; after a cut connection it goes on where the registry says that it is, in pieces,
 * and starts again with registries that cannot resume.
 * @param location of an upload that has begun; null: one is begun
 */
export async function sendBlob(session: Session, content: UploadContent, location: URL | null): Promise<void> {
  const upload = { location, offset: 0, pieceBytes: Number.POSITIVE_INFINITY }
  for (let failures = 0; ; ) {
    try {
      if (await sendPiece(session, content, upload)) return
      failures = 0
    } catch (error) {
      if (!(error instanceof RegistryFailure) || !canGoOn(error, upload, content)) throw error
      failures += 1
      if (failures > MAX_FAILURES_IN_A_ROW) throw error
      const pauseMs = error.status === 413 ? 0 : Math.min(PAUSE.baseMs * 2 ** failures, PAUSE.maxMs)
      await sleep(error.retryAfterMs ?? pauseMs, undefined, { signal: session.signal })
      upload.pieceBytes = PIECE_BYTES
      const before = upload.offset
      if (await isDoneAfter(session, content, upload)) return
      if (upload.offset > before) failures = 0
    }
  }
}

interface Upload {
  /** Null: has to be begun. */
  location: URL | null
  offset: number
  pieceBytes: number
}

/** Cut, overloaded or asked to wait; or too large in one piece. */
function canGoOn({ status }: RegistryFailure, { pieceBytes }: Upload, { blob }: UploadContent): boolean {
  if (status === 413) return pieceBytes > PIECE_BYTES && blob.size > PIECE_BYTES
  return status === null || status === 404 || status === 416 || status === 429 || (status >= 500 && status !== 507)
}

/** Sends the next piece; true when that was the last and the blob is there. */
async function sendPiece(session: Session, { digest, blob }: UploadContent, upload: Upload): Promise<boolean> {
  upload.location ??= await beginUpload(session, digest, null)
  if (upload.location === null) return true
  const end = Math.min(upload.offset + upload.pieceBytes, blob.size)
  const isLast = end === blob.size
  const location = new URL(upload.location)
  if (isLast) location.searchParams.set('digest', digest)
  const response = await session.send(location, {
    method: isLast ? 'PUT' : 'PATCH',
    headers: {
      'content-type': 'application/octet-stream',
      ...(end > upload.offset ? { 'content-range': `${upload.offset}-${end - 1}` } : {}),
    },
    body: blob.slice(upload.offset, end),
    expect: isLast ? [201] : [202],
    purpose: PURPOSE,
  })
  await response.body?.cancel()
  if (isLast) return true
  upload.location = locationOf(response, session)
  upload.offset = end
  return false
}

/** Asks how far an upload came. True: further than thought, the blob is there. An upload that is lost begins anew. */
async function isDoneAfter(session: Session, { digest, blob }: UploadContent, upload: Upload): Promise<boolean> {
  if (await hasBlob(session, digest).catch(ifFailed(false))) return true
  const asked =
    upload.location === null
      ? null
      : await session.send(upload.location, { expect: [204], purpose: PURPOSE }).catch(ifFailed(null))
  const received = asked === null ? null : receivedBytes(asked.headers.get('range'))
  if (asked === null || received === null || received > blob.size) {
    upload.location = null
    upload.offset = 0
    return false
  }
  upload.location = asked.headers.has('location') ? locationOf(asked, session) : upload.location
  upload.offset = received
  return false
}

/** `0-1023` is 1024 bytes. `0-0` means nothing in the registries that exist, one byte in the specification. */
function receivedBytes(range: string | null): number | null {
  const end = /^(?:bytes=)?0-(\d+)$/.exec(range ?? '')?.[1]
  if (end === undefined) return null
  return end === '0' ? 0 : Number(end) + 1
}

/** The next piece fails in the same way where the registry is still away. */
const ifFailed =
  <T>(fallback: T) =>
  (error: unknown): T => {
    if (error instanceof RegistryFailure) return fallback
    throw error
  }
