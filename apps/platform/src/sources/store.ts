import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { AppError } from '@slipway/domain'
import { GitError, gitEnvironment, killGroup } from '../git/git.ts'
import { safeId } from '../git/repositories.ts'

/** What is built may unpack to at most this. */
const SOURCE_LIMIT_BYTES = 1024 * 1024 * 1024
const ARCHIVE_TIMEOUT_MS = 10 * 60_000

/**
 * Source trees waiting to be built: one `.tar.gz` a build in `<stateDir>/sources`, complete and synced to the disk
 * before its build exists, so a build that was promised can always be begun again.
 */
export interface SourceStore {
  /** Writes the tree of `commit` as the source of `id`. @throws AppError too_large over 1 GiB, GitError from git. */
  archive(options: ArchiveOptions): Promise<{ bytes: number }>
  open(id: string): Promise<{ stream: ReadStream; bytes: number } | null>
  remove(id: string): Promise<void>
  list(): Promise<string[]>
  /** Milliseconds since it was written; 0 where there is none. */
  ageMs(id: string): Promise<number>
  /** Bearer token with which the build of `id` reads its source; stays the same over restarts. */
  tokenOf(id: string): string
  verify(id: string, token: string): boolean
}

export interface ArchiveOptions {
  id: string
  repositoryPath: string
  commit: string
  /** Object directories of a push that is not accepted yet (git's quarantine). */
  env?: Readonly<Record<string, string>>
  signal?: AbortSignal
}

export async function openSourceStore(stateDir: string, secretKey: string): Promise<SourceStore> {
  const directory = join(stateDir, 'sources')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = (id: string) => join(directory, `${safeId(id)}.tar.gz`)
  const tokenOf = (id: string) =>
    createHmac('sha256', Buffer.from(secretKey, 'base64'))
      .update(`source:${safeId(id)}`)
      .digest('base64url')
  return {
    archive: (options) => archive(directory, path(options.id), options),
    async open(id) {
      try {
        const { size } = await stat(path(id))
        return { stream: createReadStream(path(id)), bytes: size }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
    remove: (id) => rm(path(id), { force: true }),
    async list() {
      const names = await readdir(directory)
      return names.filter((name) => name.endsWith('.tar.gz')).map((name) => name.slice(0, -'.tar.gz'.length))
    },
    async ageMs(id) {
      try {
        return Date.now() - (await stat(path(id))).mtimeMs
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    },
    tokenOf,
    verify(id, token) {
      const expected = Buffer.from(tokenOf(id))
      const given = Buffer.from(token)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}

async function archive(directory: string, target: string, options: ArchiveOptions): Promise<{ bytes: number }> {
  const fresh = join(directory, `.new-${randomUUID()}`)
  const child = spawn('git', ['archive', '--format=tar', options.commit], {
    cwd: options.repositoryPath,
    env: gitEnvironment({ GIT_DIR: options.repositoryPath, ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const kill = () => killGroup(child.pid)
  const timer = setTimeout(kill, ARCHIVE_TIMEOUT_MS)
  options.signal?.addEventListener('abort', kill, { once: true })
  try {
    const ended = exitOf(child)
    const [written, exit] = await Promise.allSettled([
      pipeline(
        child.stdout,
        limit(SOURCE_LIMIT_BYTES),
        createGzip({ level: 3 }),
        createWriteStream(fresh, { mode: 0o600 }),
      ),
      ended,
    ])
    options.signal?.throwIfAborted()
    if (written.status === 'rejected') throw written.reason
    if (exit.status === 'rejected') throw exit.reason
    await syncFile(fresh)
    await rename(fresh, target)
    await syncFile(directory)
    return { bytes: (await stat(target)).size }
  } catch (error) {
    kill()
    await rm(fresh, { force: true })
    throw error
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', kill)
  }
}

function exitOf(child: ChildProcess): Promise<void> {
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-4096)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new GitError('archive', code, stderr))))
  })
}

function limit(bytes: number): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length
      if (seen > bytes) {
        done(
          new AppError(
            'too_large',
            'The source tree is larger than 1 GiB, which is the most that can be built. Leave large files out of the repository.',
            { limitBytes: bytes },
          ),
        )
      } else done(null, chunk)
    },
  })
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
