import { chmodSync, createWriteStream, lchownSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { z } from 'zod'
import { hasCode } from '../../types/system-error.ts'
import { hardLink, inside, makeDirectory, realDirectory, UnpackError } from './inside.ts'
import type { ImageFiles } from './stored-image.ts'

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** Files up to this size are written at once: most are small, and a hop to a thread for each step takes longer than the step. */
const SMALL_BYTES = 256 * 1024

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
      await unpackEntry(entry.header, entry, rootDir, { changes, options })
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
  content: AsyncIterable<unknown>,
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
  const target = path.join(realDirectory(rootDir, path.dirname(named), options.files), name)
  switch (header.type) {
    case 'directory':
      makeDirectory(target, options.files)
      setOwner(target, header, options)
      changes.directories.push(relative(target))
      return
    case 'file':
    case 'contiguous-file':
      await writeFile(header, content, target)
      return setOwner(target, header, options)
    case 'symlink': {
      const linkname = header.linkname ?? ''
      rmSync(target, { recursive: true, force: true })
      symlinkSync(options.files === 'image' ? linkname : linkTarget(rootDir, target, linkname), target)
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

/** In place of what the layer had there before. */
async function writeFile(header: Header, content: AsyncIterable<unknown>, target: string): Promise<void> {
  const how = { mode: 0o600, flag: 'wx' }
  if ((header.size ?? 0) > SMALL_BYTES) {
    rmSync(target, { recursive: true, force: true })
    return pipeline(Readable.from(content), createWriteStream(target, { mode: how.mode, flags: how.flag }))
  }
  const bytes = await buffer(content)
  try {
    writeFileSync(target, bytes, how)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    rmSync(target, { recursive: true, force: true })
    writeFileSync(target, bytes, how)
  }
}

/** Owner first: a change of it takes setuid bits away. */
function setOwner(target: string, header: Header, { files, owner }: UnpackOptions): void {
  const mode = header.mode ?? (header.type === 'directory' ? 0o755 : 0o644)
  if (files === 'image') lchownSync(target, owner?.uid ?? header.uid ?? 0, owner?.gid ?? header.gid ?? 0)
  if (header.type === 'symlink') return
  const bits = files === 'image' ? mode & 0o7777 : (mode & 0o777) | (header.type === 'directory' ? 0o700 : 0o600)
  chmodSync(target, bits)
}

/** Absolute links mean the image's root; a process of the host follows them as relative ones. */
function linkTarget(rootDir: string, file: string, linkname: string): string {
  const resolved = linkname.startsWith('/') ? inside(rootDir, linkname) : path.resolve(path.dirname(file), linkname)
  if (resolved !== rootDir && !resolved.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a link that leads out of it: ${path.basename(file)} → ${linkname}`)
  }
  return path.relative(path.dirname(file), resolved) || '.'
}
