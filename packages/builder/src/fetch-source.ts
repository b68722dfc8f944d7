import { createWriteStream } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { BuildFailure } from './failure.ts'

/** The build context: at most this much, unpacked. */
const MAX_BYTES = 1024 ** 3
const MAX_ENTRIES = 200_000

/** Downloads the source (a tar.gz) and unpacks it into `dir`, which is empty. */
export async function fetchSource(url: string, token: string, dir: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal })
  if (!response.ok || response.body === null)
    throw new Error(`the source could not be fetched: HTTP ${response.status}`)
  await unpackSource(Readable.fromWeb(response.body), dir)
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
