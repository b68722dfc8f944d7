import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { BuildFailure } from './failure.ts'

/** The build context: at most this much, unpacked. */
const MAX_BYTES = 1024 ** 3
const MAX_ENTRIES = 200_000

/** As long as the process with the repositories may take to be moved, its volume with it. */
const PATIENCE_MS = 2 * 60_000
const PAUSE_MS = 1_000
/** Answers of proxies whose upstream is away. */
const AWAY = [502, 503, 504]

/** The way to the source broke, or there was none: it may be there again in a moment. */
class Unreachable extends Error {}

/**
 * Downloads the source (a tar.gz) and unpacks it into `dir`, which is empty. Where the repositories are away, or a download
 * breaks off, it begins again until `patienceMs` are over.
 */
export async function fetchSource(
  url: string,
  token: string,
  dir: string,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await download(url, token, dir, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Unreachable) || Date.now() + PAUSE_MS > deadline) throw error
      for (const name of await readdir(dir)) await rm(path.join(dir, name), { recursive: true, force: true })
      await sleep(PAUSE_MS, undefined, { signal })
    }
  }
}

async function download(url: string, token: string, dir: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal }).catch(unreachable)
  const said = `the source could not be fetched: HTTP ${response.status}`
  if (AWAY.includes(response.status) || (response.status === 404 && !(await isOurs(response))))
    throw new Unreachable(said)
  if (!response.ok || response.body === null) throw new Error(said)
  let broken: unknown = null
  const body = Readable.fromWeb(response.body).once('error', (error) => {
    broken = error
  })
  try {
    await unpackSource(body, dir)
  } catch (error) {
    if (broken !== null) unreachable(broken)
    throw error
  }
}

/** A proxy that knows no way to the platform says 404, too. The platform's own errors are JSON. */
const isOurs = async (response: Response) => (await response.text()).includes('"not_found"')

function unreachable(cause: unknown): never {
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  const said = why instanceof Error ? why.message : String(why)
  throw new Unreachable(`the source could not be fetched: ${said}`, { cause })
}

/**
 * Unpacks a tar.gz whose author is not trusted: nothing is written outside of `dir` or through a link.
 * @throws BuildFailure where the tree is too large or leads out of itself
 */
async function unpackSource(source: Readable, dir: string): Promise<void> {
  const archive = extract()
  let bytes = 0
  let entries = 0
  const fed = pipeline(source, createGunzip(), archive).then(
    () => null,
    (error: unknown) => error,
  )
  const links: { file: string; target: string }[] = []
  for await (const entry of archive) {
    bytes += entry.header.size ?? 0
    entries += 1
    if (bytes > MAX_BYTES || entries > MAX_ENTRIES) {
      source.destroy()
      throw new BuildFailure(
        'The source is larger than 1 GiB or has more than 200000 files.',
        'Remove what the app does not need, for example with .gitignore.',
      )
    }
    const link = await unpackEntry(entry.header, Readable.from(entry), dir)
    if (link !== null) links.push(link)
    entry.resume()
  }
  const error = await fed
  if (error !== null) throw error
  // Last, so that no entry can be written through one of them.
  for (const { file, target } of links) await symlink(target, file)
}

async function unpackEntry(header: Header, content: Readable, dir: string) {
  const file = inside(dir, header.name)
  if (file === dir) return null
  if (header.type === 'directory') {
    await mkdir(file, { recursive: true })
    return null
  }
  await mkdir(path.dirname(file), { recursive: true })
  if (header.type === 'symlink') {
    inside(dir, path.relative(dir, path.resolve(path.dirname(file), header.linkname ?? '')), header.name)
    return { file, target: header.linkname ?? '' }
  }
  if (header.type !== 'file')
    throw new BuildFailure(`${header.name} is a ${header.type}.`, 'Only files, folders and links can be deployed.')
  const mode = (header.mode ?? 0o644) & 0o100 ? 0o755 : 0o644
  await pipeline(content, createWriteStream(file, { mode, flags: 'wx' }))
  return null
}

function inside(dir: string, name: string, shown = name): string {
  const file = path.resolve(dir, name)
  if (file === dir || file.startsWith(dir + path.sep)) return file
  throw new BuildFailure(`${shown} leads out of the app.`, 'Remove it or replace it by a file, and push again.')
}
