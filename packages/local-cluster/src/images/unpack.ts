import { createWriteStream } from 'node:fs'
import { chmod, lchown, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { z } from 'zod'
import { hardLink, inside, makeDirectory, realDirectory, UnpackError } from './inside.ts'
import type { ImageFiles } from './stored-image.ts'

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

export interface UnpackOptions {
  compression: 'none' | 'gzip' | 'zstd'
  /** `image`: owners, modes and links are as the layer has them, for a root file system of their own. */
  files: ImageFiles
  /** Whose its files are, whatever it says. */
  owner?: { uid: number; gid: number }
  limits: UnpackLimits
}

/**
 * Unpacks one layer into an empty directory. Nothing is ever written through a link or outside of it.
 * Reference: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export async function unpackLayer(layer: Readable, rootDir: string, options: UnpackOptions): Promise<LayerChanges> {
  const { limits } = options
  const archive = extract()
  const changes: LayerChanges = { removed: [], emptied: [], directories: [], links: [] }
  let bytes = 0
  let entries = 0
  const decompress = { none: null, gzip: createGunzip, zstd: createZstdDecompress }[options.compression]
  const source = decompress === null ? pipeline(layer, archive) : pipeline(layer, decompress(), archive)
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
      await unpackEntry(entry.header, Readable.from(entry), rootDir, { changes, options })
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

interface Unpacking {
  changes: LayerChanges
  options: UnpackOptions
}

async function unpackEntry(
  header: Header,
  content: Readable,
  rootDir: string,
  { changes, options }: Unpacking,
): Promise<void> {
  const named = inside(rootDir, header.name)
  const relative = (file: string) => path.relative(rootDir, file)
  const name = path.basename(named)
  if (named === rootDir) return
  if (name === OPAQUE) return void changes.emptied.push(relative(path.dirname(named)))
  if (name.startsWith(WHITEOUT)) {
    const removed = name.slice(WHITEOUT.length)
    if (removed !== '' && removed !== '.' && removed !== '..')
      changes.removed.push(relative(path.join(path.dirname(named), removed)))
    return
  }
  const target = path.join(await realDirectory(rootDir, path.dirname(named), options.files), name)
  switch (header.type) {
    case 'directory':
      await makeDirectory(target, options.files)
      await setOwner(target, header, options)
      changes.directories.push(relative(target))
      return
    case 'file':
    case 'contiguous-file':
      await rm(target, { recursive: true, force: true })
      await pipeline(content, createWriteStream(target, { mode: 0o600, flags: 'wx' }))
      return setOwner(target, header, options)
    case 'symlink': {
      const linkname = header.linkname ?? ''
      await rm(target, { recursive: true, force: true })
      await symlink(options.files === 'image' ? linkname : linkTarget(rootDir, target, linkname), target)
      return setOwner(target, header, options)
    }
    case 'link':
      if (!(await hardLink(rootDir, target, header.linkname ?? ''))) {
        changes.links.push([relative(target), relative(inside(rootDir, header.linkname ?? ''))])
      }
      return
    default:
      // Containers have devices of their own; none of an image's is ever made on this machine.
      if (options.files === 'image') return
      throw new UnpackError(
        `the image holds a ${header.type} at ${header.name}; only files, folders and links can be unpacked`,
      )
  }
}

/** Owner first: a change of it takes setuid bits away. */
async function setOwner(target: string, header: Header, { files, owner }: UnpackOptions): Promise<void> {
  const mode = header.mode ?? (header.type === 'directory' ? 0o755 : 0o644)
  if (files !== 'image') {
    if (header.type !== 'symlink') await chmod(target, (mode & 0o777) | (header.type === 'directory' ? 0o700 : 0o600))
    return
  }
  await lchown(target, owner?.uid ?? header.uid ?? 0, owner?.gid ?? header.gid ?? 0)
  if (header.type !== 'symlink') await chmod(target, mode & 0o7777)
}

/** Absolute links mean the image's root; a process of the host follows them as relative ones. */
function linkTarget(rootDir: string, file: string, linkname: string): string {
  const resolved = linkname.startsWith('/') ? inside(rootDir, linkname) : path.resolve(path.dirname(file), linkname)
  if (resolved !== rootDir && !resolved.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a link that leads out of it: ${path.basename(file)} → ${linkname}`)
  }
  return path.relative(path.dirname(file), resolved) || '.'
}
