import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { createGzip, type Gzip } from 'node:zlib'
import { AppError } from '@slipway/domain'
import { GitError, gitEnvironment, killGroup } from '../git/git.ts'
import { SOURCE_LIMIT_BYTES } from './limits.ts'
import { placeSubmodules } from './submodules.ts'

const ARCHIVE_TIMEOUT_MS = 10 * 60_000
const BLOCK = 512

/**
 * The tree of a commit as a `.tar.gz`, made while it is read: `git archive`, which follows `export-ignore`, then each submodule at
 * its place. Nothing is kept on the disk. The stream fails over 1 GiB, after ten minutes, or when git does.
 */
export async function openSource(repository: string, commit: string): Promise<Gzip> {
  const submodules = await placeSubmodules(repository, commit)
  const parts = [
    { commit, prefix: '' },
    ...submodules.map((each) => ({ commit: each.commit, prefix: `${each.path}/` })),
  ]
  const tar = Readable.from(concatenate(repository, parts), { objectMode: false })
  const gzip = createGzip({ level: 3 })
  tar.on('error', (error) => gzip.destroy(error))
  gzip.on('close', () => tar.destroy())
  return tar.pipe(gzip)
}

async function* concatenate(
  repository: string,
  parts: readonly { commit: string; prefix: string }[],
): AsyncGenerator<Buffer> {
  let left = SOURCE_LIMIT_BYTES
  for (const { commit, prefix } of parts) {
    for await (const chunk of entriesOf(archive(repository, commit, prefix))) {
      left -= chunk.length
      if (left < 0) {
        throw new AppError('too_large', 'The source is larger than 1 GiB, the limit for a build.')
      }
      yield chunk
    }
  }
  yield Buffer.alloc(2 * BLOCK)
}

async function* archive(repository: string, commit: string, prefix: string): AsyncGenerator<Buffer> {
  const args = ['archive', '--format=tar', ...(prefix === '' ? [] : [`--prefix=${prefix}`]), commit]
  const child = spawn('git', ['-C', repository, ...args], {
    env: gitEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const timer = setTimeout(() => killGroup(child.pid), ARCHIVE_TIMEOUT_MS)
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-4096)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // Read below; a reader that goes away before is no failure of ours.
  ended.catch(() => undefined)
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer
    const code = await ended
    if (code !== 0) throw new GitError('archive', code, stderr)
  } finally {
    clearTimeout(timer)
    killGroup(child.pid)
  }
}

/** The entries of a tar without the blocks of zeros at its end, so that another can follow (POSIX pax, "ustar"). */
async function* entriesOf(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let buffer: Buffer = Buffer.alloc(0)
  /** Bytes of the entry at hand that are still to come. */
  let content = 0
  for await (const chunk of tar) {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
    for (;;) {
      if (content > 0) {
        const part = buffer.subarray(0, content)
        buffer = buffer.subarray(part.length)
        content -= part.length
        if (part.length > 0) yield part
        if (content > 0) break
      }
      if (buffer.length < BLOCK) break
      const header = buffer.subarray(0, BLOCK)
      buffer = buffer.subarray(BLOCK)
      if (header.every((byte) => byte === 0)) continue
      content = Math.ceil(sizeOf(header) / BLOCK) * BLOCK
      yield header
    }
  }
}

/** Size of an entry: octal, or base-256 from 8 GiB on, which is over our limit. */
function sizeOf(header: Buffer): number {
  const size = Number.parseInt(
    header
      .subarray(124, 136)
      .toString('latin1')
      .replace(/[\0 ]+/g, ''),
    8,
  )
  if (Number.isNaN(size)) throw new AppError('too_large', 'A file of the source is larger than can be built.')
  return size
}
