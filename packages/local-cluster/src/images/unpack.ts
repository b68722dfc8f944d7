import { createWriteStream } from 'node:fs'
import { chmod, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { z } from 'zod'
import { hardLink, inside, makeDirectory, realDirectory, UnpackError } from './inside.ts'

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'

/** What a layer does to those below it, besides adding its own files. Paths are relative to the root. */
export const changesSchema = z.object({
  /** What it takes away. */
  removed: z.array(z.string()),
  /** Directories of which it takes away all that is in them. */
  emptied: z.array(z.string()),
  /** Directories that it names, which get their mode from it; others are there for what is in them. */
  directories: z.array(z.string()),
  /** Hard links to files of layers below: where, and to what. */
  links: z.array(z.tuple([z.string(), z.string()])),
})
export type LayerChanges = z.infer<typeof changesSchema>

export interface UnpackLimits {
  maxBytes: number
  maxEntries: number
}

/**
 * Unpacks one layer into an empty directory. Nothing is ever written through a link or outside of it.
 * Reference: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export async function unpackLayer(
  layer: Readable,
  gzipped: boolean,
  rootDir: string,
  limits: UnpackLimits,
): Promise<LayerChanges> {
  const archive = extract()
  const changes: LayerChanges = { removed: [], emptied: [], directories: [], links: [] }
  let bytes = 0
  let entries = 0
  const source = gzipped ? pipeline(layer, createGunzip(), archive) : pipeline(layer, archive)
  const failed = source.then(
    () => null,
    (error: unknown) => error,
  )
  try {
    for await (const entry of archive) {
      entries += 1
      bytes += entry.header.size ?? 0
      if (entries > limits.maxEntries) throw new UnpackError(`the image has more than ${limits.maxEntries} files`)
      if (bytes > limits.maxBytes) throw new UnpackError(`the image is larger than ${limits.maxBytes} bytes`)
      await unpackEntry(entry.header, Readable.from(entry), rootDir, changes)
      entry.resume()
    }
  } catch (error) {
    layer.destroy()
    throw (await failed) instanceof Error && !(error instanceof UnpackError) ? await failed : error
  }
  const error = await failed
  if (error !== null) throw error
  return changes
}

async function unpackEntry(header: Header, content: Readable, rootDir: string, changes: LayerChanges): Promise<void> {
  const target = inside(rootDir, header.name)
  if (target === rootDir) return
  const [directory, name] = [path.dirname(target), path.basename(target)]
  const relative = (file: string) => path.relative(rootDir, file)
  if (name === OPAQUE) return void changes.emptied.push(relative(directory))
  if (name.startsWith(WHITEOUT)) {
    const removed = name.slice(WHITEOUT.length)
    if (removed !== '' && removed !== '.' && removed !== '..')
      changes.removed.push(relative(path.join(directory, removed)))
    return
  }
  await realDirectory(rootDir, directory)
  const mode = (header.mode ?? 0o644) & 0o777
  switch (header.type) {
    case 'directory':
      await makeDirectory(target)
      await chmod(target, mode | 0o700)
      changes.directories.push(relative(target))
      return
    case 'file':
    case 'contiguous-file':
      await rm(target, { recursive: true, force: true })
      await pipeline(content, createWriteStream(target, { mode: mode | 0o600, flags: 'wx' }))
      await chmod(target, mode | 0o600)
      return
    case 'symlink':
      await rm(target, { recursive: true, force: true })
      await symlink(linkTarget(rootDir, target, header.linkname ?? ''), target)
      return
    case 'link':
      if (!(await hardLink(rootDir, target, header.linkname ?? ''))) {
        changes.links.push([relative(target), relative(inside(rootDir, header.linkname ?? ''))])
      }
      return
    default:
      throw new UnpackError(
        `the image holds a ${header.type} at ${header.name}; only files, folders and links can be unpacked`,
      )
  }
}

/** Absolute links mean the image's root; a process of the host follows them as relative ones. */
function linkTarget(rootDir: string, file: string, linkname: string): string {
  const resolved = linkname.startsWith('/') ? inside(rootDir, linkname) : path.resolve(path.dirname(file), linkname)
  if (resolved !== rootDir && !resolved.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a link that leads out of it: ${path.basename(file)} → ${linkname}`)
  }
  return path.relative(path.dirname(file), resolved) || '.'
}
