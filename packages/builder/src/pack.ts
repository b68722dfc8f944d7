import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'
import type { TreeEntry } from './tree.ts'

/** A layer on disk, gzipped. Reference: https://github.com/opencontainers/image-spec/blob/main/layer.md */
export interface Layer {
  file: string
  /** Of the gzipped bytes. */
  digest: string
  sizeBytes: number
  /** Digest of the bare tar, as the image's configuration wants it. */
  diffId: string
}

/** Owner of everything in an image: not root. */
export const IMAGE_UID = 1000

/**
 * Writes entries of `top` below `prefix` into a layer. The same tree gives the same bytes: order, owner and times are fixed.
 */
export async function packLayer(
  top: string,
  entries: readonly TreeEntry[],
  prefix: string,
  file: string,
  signal: AbortSignal,
): Promise<Layer> {
  const archive = pack()
  const bare = createHash('sha256')
  const zipped = createHash('sha256')
  const hashing = (hash: typeof bare) =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        done(null, chunk)
      },
    })
  const written = pipeline(archive, hashing(bare), createGzip({ level: 4 }), hashing(zipped), createWriteStream(file), {
    signal,
  })
  const filled = fill(archive, top, entries, prefix)
  await Promise.all([written, filled])
  return {
    file,
    digest: `sha256:${zipped.digest('hex')}`,
    sizeBytes: (await stat(file)).size,
    diffId: `sha256:${bare.digest('hex')}`,
  }
}

async function fill(archive: Pack, top: string, entries: readonly TreeEntry[], prefix: string): Promise<void> {
  const owner = { uid: IMAGE_UID, gid: IMAGE_UID, mtime: new Date(0) }
  archive.entry({ ...owner, name: prefix, type: 'directory', mode: 0o755 })
  for (const entry of entries) {
    const header = { ...owner, name: `${prefix}/${entry.name}`, mode: entry.executable ? 0o755 : 0o644 }
    if (entry.type === 'file') await addFile(archive, path.join(top, entry.name), { ...header, size: entry.size })
    else if (entry.type === 'symlink') archive.entry({ ...header, type: 'symlink', linkname: entry.linkname ?? '.' })
    else archive.entry({ ...header, type: 'directory' })
  }
  archive.finalize()
}

/** Up to this size a file is read at once, without a hop to a thread: an app has thousands of small ones. */
const INLINE_BYTES = 256 * 1024

async function addFile(
  archive: Pack,
  file: string,
  header: { name: string; size: number; mode: number; uid: number; gid: number; mtime: Date },
): Promise<void> {
  if (header.size <= INLINE_BYTES) {
    const content = readFileSync(file)
    await new Promise<void>((resolve, reject) => {
      archive.entry({ ...header, size: content.length }, content, (error) => (error ? reject(error) : resolve()))
    })
    return
  }
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()))
    const source = createReadStream(file, { end: header.size - 1 })
    source.on('error', reject)
    source.on('data', (chunk) => {
      if (!entry.write(chunk)) {
        source.pause()
        entry.once('drain', () => source.resume())
      }
    })
    source.on('end', () => entry.end(Buffer.alloc(0)))
  })
}
