import { createWriteStream } from 'node:fs'
import { chmod, link, lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'

/** An image whose layers would write outside of their root, or are not what an image can hold. */
export class UnpackError extends Error {
  override name = 'UnpackError'
}

export interface UnpackLimits {
  maxBytes: number
  maxEntries: number
}

/**
 * Unpacks one layer over `rootDir`. Nothing is ever written through a link or outside of the root.
 * Reference: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export async function unpackLayer(
  layer: Readable,
  gzipped: boolean,
  rootDir: string,
  limits: UnpackLimits,
): Promise<void> {
  const archive = extract()
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
      await unpackEntry(entry.header, Readable.from(entry), rootDir)
      entry.resume()
    }
  } catch (error) {
    layer.destroy()
    throw (await failed) instanceof Error && !(error instanceof UnpackError) ? await failed : error
  }
  const error = await failed
  if (error !== null) throw error
}

async function unpackEntry(header: Header, content: Readable, rootDir: string): Promise<void> {
  const target = inside(rootDir, header.name)
  if (target === rootDir) return
  const name = path.basename(target)
  await checkParents(rootDir, path.dirname(target))
  if (name === OPAQUE) return removeChildren(path.dirname(target))
  if (name.startsWith(WHITEOUT)) {
    await rm(path.join(path.dirname(target), name.slice(WHITEOUT.length)), { recursive: true, force: true })
    return
  }
  const mode = (header.mode ?? 0o644) & 0o777
  switch (header.type) {
    case 'directory':
      await makeDirectory(target)
      await chmod(target, mode | 0o700)
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
      await hardLink(rootDir, target, header.linkname ?? '')
      return
    default:
      throw new UnpackError(
        `the image holds a ${header.type} at ${header.name}; only files, folders and links can be unpacked`,
      )
  }
}

/** Path of an entry below the root; names that lead out of it are refused. */
function inside(rootDir: string, name: string): string {
  const target = path.resolve(rootDir, `./${name}`)
  if (target !== rootDir && !target.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a path that leads out of it: ${name}`)
  }
  return target
}

/** Parents are real folders: a link among them would lead the write somewhere else. */
async function checkParents(rootDir: string, dir: string): Promise<void> {
  let current = rootDir
  for (const part of path.relative(rootDir, dir).split(path.sep).filter(Boolean)) {
    current = path.join(current, part)
    await makeDirectory(current)
  }
}

async function makeDirectory(dir: string): Promise<void> {
  const info = await lstat(dir).catch(() => null)
  if (info?.isDirectory()) return
  if (info?.isSymbolicLink()) throw new UnpackError(`the image writes through the link ${path.basename(dir)}`)
  if (info !== null) await rm(dir, { force: true })
  await mkdir(dir)
}

async function removeChildren(dir: string): Promise<void> {
  for (const name of await readdir(dir)) await rm(path.join(dir, name), { recursive: true, force: true })
}

/** Absolute links mean the image's root; a process of the host follows them as relative ones. */
function linkTarget(rootDir: string, file: string, linkname: string): string {
  const resolved = linkname.startsWith('/') ? inside(rootDir, linkname) : path.resolve(path.dirname(file), linkname)
  if (resolved !== rootDir && !resolved.startsWith(rootDir + path.sep)) {
    throw new UnpackError(`the image holds a link that leads out of it: ${path.basename(file)} → ${linkname}`)
  }
  return path.relative(path.dirname(file), resolved) || '.'
}

async function hardLink(rootDir: string, target: string, linkname: string): Promise<void> {
  const source = inside(rootDir, linkname)
  await checkParents(rootDir, path.dirname(source))
  const info = await lstat(source).catch(() => null)
  if (info === null || !info.isFile()) throw new UnpackError(`the image links to ${linkname}, which it does not hold`)
  await rm(target, { recursive: true, force: true })
  await link(source, target)
}
