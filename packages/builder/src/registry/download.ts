import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { RegistryFailure, unreachable } from './failure.ts'
import { type Descriptor, digestOf } from './manifest.ts'
import type { Session } from './session.ts'

const MAX_FAILURES_IN_A_ROW = 5
const PAUSE_MS = 500

/** A small blob as a whole, checked against its digest. */
export async function readBlob(session: Session, { digest, size }: Descriptor, maxBytes: number): Promise<Buffer> {
  const response = await session.send(`blobs/${digest}`, { expect: [200], purpose: 'pull an image' })
  const content = size > maxBytes ? Buffer.alloc(0) : Buffer.from(await response.arrayBuffer())
  if (digestOf(content) !== digest) throw wrongContent(session, digest)
  return content
}

/**
 * Downloads a blob into a file and checks its size and digest; after a cut connection it goes on where it was. What is not
 * what its digest says never stays.
 */
export async function downloadBlob(session: Session, { digest, size }: Descriptor, file: string): Promise<void> {
  const handle = await open(file, 'w')
  try {
    const state = { hash: createHash('sha256'), bytes: 0 }
    for (let failures = 0; state.bytes < size; ) {
      const before = state.bytes
      try {
        await appendRest(session, { digest, size }, handle, state)
      } catch (error) {
        if (!(error instanceof RegistryFailure) || error.status !== null) throw error
        failures = state.bytes > before ? 1 : failures + 1
        if (failures > MAX_FAILURES_IN_A_ROW) throw error
        await sleep(PAUSE_MS * failures, undefined, { signal: session.signal })
      }
    }
    if (state.bytes !== size || `sha256:${state.hash.digest('hex')}` !== digest) throw wrongContent(session, digest)
  } finally {
    await handle.close()
  }
}

async function appendRest(
  session: Session,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  file: FileHandle,
  state: { hash: ReturnType<typeof createHash>; bytes: number },
): Promise<void> {
  const range: Record<string, string> = state.bytes === 0 ? {} : { range: `bytes=${state.bytes}-` }
  const purpose = 'pull a layer of the base image'
  const response = await session.send(`blobs/${digest}`, { headers: range, expect: [200, 206], purpose })
  if (response.status === 200 && state.bytes > 0) {
    state.hash = createHash('sha256')
    state.bytes = 0
  }
  try {
    for await (const chunk of response.body ?? []) {
      if (state.bytes + chunk.length > size) throw wrongContent(session, digest)
      await file.write(chunk, 0, chunk.length, state.bytes)
      state.hash.update(chunk)
      state.bytes += chunk.length
    }
  } catch (error) {
    session.signal.throwIfAborted()
    if (error instanceof RegistryFailure || isFileError(error)) throw error
    const { host } = new URL(session.origin)
    throw unreachable(error, { host, repository: session.repository, purpose, hasCredentials: false })
  }
}

const isFileError = (error: unknown) => error instanceof Error && 'syscall' in error && error.syscall === 'write'

function wrongContent({ origin }: Session, digest: string): RegistryFailure {
  return new RegistryFailure(
    `The registry ${new URL(origin).host} gave something else than the blob ${digest}.`,
    'Push again; if it fails again, the registry has lost or changed it.',
    502,
  )
}
