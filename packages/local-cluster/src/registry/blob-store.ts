import { createHash, type Hash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { hasCode } from '../types/system-error.ts'
import { RegistryError } from './errors.ts'

const DIGEST = /^sha256:[a-f0-9]{64}$/
export const isDigest = (text: string) => DIGEST.test(text)

/** Uploads nobody has touched for so long are thrown away. */
const STALE_UPLOAD_MS = 60 * 60_000

async function hashOf(file: string): Promise<Hash> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { end: false })
  return hash
}

/** Contents by their digest. A blob appears whole or not at all: it is written aside, checked, flushed and renamed. */
export class BlobStore {
  readonly #dir: string
  readonly #uploads: string
  /** Running hashes of uploads that come in several requests. */
  readonly #hashes = new Map<string, Hash>()
  readonly #maxBytes: number

  constructor(dir: string, maxBytes: number) {
    this.#dir = path.join(dir, 'blobs')
    this.#uploads = path.join(dir, 'uploads')
    this.#maxBytes = maxBytes
  }

  async prepare(): Promise<void> {
    await mkdir(this.#dir, { recursive: true })
    // What a crash left half uploaded can not be finished: its hash was in memory.
    await rm(this.#uploads, { recursive: true, force: true })
    await mkdir(this.#uploads, { recursive: true })
  }

  /** File of a blob; it may not exist. */
  fileOf(digest: string): string {
    if (!isDigest(digest)) throw new RegistryError('DIGEST_INVALID', `"${digest}" is not a sha256 digest`)
    const hex = digest.slice('sha256:'.length)
    return path.join(this.#dir, hex.slice(0, 2), hex)
  }

  /** Size in bytes, null where there is no such blob. */
  async size(digest: string): Promise<number | null> {
    try {
      return (await stat(this.fileOf(digest))).size
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null
      throw error
    }
  }

  read(digest: string, range?: { start: number; end: number }): ReadStream {
    return createReadStream(this.fileOf(digest), range ?? {})
  }

  async startUpload(): Promise<string> {
    const id = randomUUID()
    await (await open(this.#uploadFile(id), 'wx')).close()
    this.#hashes.set(id, createHash('sha256'))
    return id
  }

  /** Appends to an upload; answers its size. A body over the limit ends the upload. */
  async append(id: string, body: AsyncIterable<Buffer>): Promise<number> {
    const hash = this.#hashOf(id)
    const file = this.#uploadFile(id)
    let size = (await stat(file)).size
    const measured = async function* (source: AsyncIterable<Buffer>, maxBytes: number) {
      for await (const chunk of source) {
        size += chunk.length
        if (size > maxBytes) throw new RegistryError('SIZE_INVALID', `a blob can have at most ${maxBytes} bytes`)
        hash.update(chunk)
        yield chunk
      }
    }
    try {
      await pipeline(measured(body, this.#maxBytes), createWriteStream(file, { flags: 'a' }))
    } catch (error) {
      if (error instanceof RegistryError) await this.cancelUpload(id)
      // What arrived before the connection was cut stays, and the client may go on; the hash can be ahead of the file.
      else this.#hashes.set(id, await hashOf(file))
      throw error
    }
    return size
  }

  async uploadSize(id: string): Promise<number> {
    this.#hashOf(id)
    return (await stat(this.#uploadFile(id))).size
  }

  /** Checks the digest of all that was appended and makes it a blob. */
  async finishUpload(id: string, digest: string): Promise<void> {
    const target = this.fileOf(digest)
    const actual = `sha256:${this.#hashOf(id).digest('hex')}`
    this.#hashes.delete(id)
    if (actual !== digest) {
      await rm(this.#uploadFile(id), { force: true })
      throw new RegistryError('DIGEST_INVALID', `the content has digest ${actual}, not ${digest}`)
    }
    await mkdir(path.dirname(target), { recursive: true })
    const handle = await open(this.#uploadFile(id), 'r+')
    await handle.sync()
    await handle.close()
    await rename(this.#uploadFile(id), target)
  }

  async cancelUpload(id: string): Promise<void> {
    this.#hashes.delete(id)
    await rm(this.#uploadFile(id), { force: true })
  }

  /** Stores a whole content at once. */
  async put(content: Buffer): Promise<string> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    if ((await this.size(digest)) !== null) return digest
    const id = await this.startUpload()
    await this.append(
      id,
      (async function* () {
        yield content
      })(),
    )
    await this.finishUpload(id, digest)
    return digest
  }

  /**
   * Removes every blob that is not in `keep` and was not written within `minAgeMs` (a push uploads blobs before the
   * manifest that names them). Answers the bytes freed.
   */
  async sweep(keep: ReadonlySet<string>, minAgeMs: number, nowMs: number): Promise<number> {
    let freed = 0
    for (const prefix of await readdir(this.#dir)) {
      for (const hex of await readdir(path.join(this.#dir, prefix))) {
        const file = path.join(this.#dir, prefix, hex)
        const info = await stat(file)
        if (keep.has(`sha256:${hex}`) || nowMs - info.mtimeMs < minAgeMs) continue
        freed += info.size
        await rm(file, { force: true })
      }
    }
    for (const id of await readdir(this.#uploads)) {
      const info = await stat(path.join(this.#uploads, id))
      if (nowMs - info.mtimeMs > STALE_UPLOAD_MS) await this.cancelUpload(id)
    }
    return freed
  }

  #uploadFile(id: string): string {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'no such upload')
    return path.join(this.#uploads, id)
  }

  #hashOf(id: string): Hash {
    const hash = this.#hashes.get(id)
    if (hash === undefined) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'no such upload')
    return hash
  }
}
