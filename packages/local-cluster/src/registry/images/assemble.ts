import { constants, type Dirent } from 'node:fs'
import { chmod, copyFile, lchown, link, lstat, readdir, readlink, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from '../../types/system-error.ts'
import { hardLink, inside, isReally, makeDirectory, realDirectory, UnpackError } from './inside.ts'
import type { UnpackedLayer } from './layers.ts'
import type { ImageFiles } from './stored-image.ts'

/** Files of one directory that are placed at a time. */
const AT_ONCE = 16

/**
 * Lays an unpacked layer over those below it.
 * @param files `shared`: hard links to those of the layer; `own`: copies, which share their blocks until they are written
 * where the file system can do that.
 * @throws UnpackError
 */
export async function addLayer(layer: UnpackedLayer, rootDir: string, files: ImageFiles): Promise<void> {
  const { removed, emptied, directories, links } = layer.changes
  for (const name of emptied) {
    const dir = inside(rootDir, name)
    if (!(await isReally(rootDir, dir)) || !(await lstat(dir)).isDirectory()) continue
    for (const child of await readdir(dir)) await rm(path.join(dir, child), { recursive: true, force: true })
  }
  for (const name of removed) {
    const target = inside(rootDir, name)
    if (target !== rootDir && (await isReally(rootDir, target))) await rm(target, { recursive: true, force: true })
  }
  const merging = { rootDir, files, named: new Set(directories), from: layer.treeDir }
  await merge(merging, layer.treeDir, rootDir)
  for (const name of directories) await copyOwner(merging, path.join(layer.treeDir, name), inside(rootDir, name))
  for (const [name, linkname] of links) {
    const named = inside(rootDir, name)
    const target = path.join(realDirectory(rootDir, path.dirname(named), files), path.basename(named))
    if (!(await hardLink(rootDir, target, linkname))) {
      throw new UnpackError(`the image links to ${linkname}, which it does not hold`)
    }
  }
}

interface Merging {
  rootDir: string
  files: ImageFiles
  /** Directories that the layer names; others are there for what is in them. */
  named: ReadonlySet<string>
  /** Where the layer is unpacked. */
  from: string
}

async function merge(merging: Merging, from: string, to: string): Promise<void> {
  const { rootDir, files, named } = merging
  const entries = await readdir(from, { withFileTypes: true })
  const others = entries.filter((entry) => !entry.isDirectory())
  for (let start = 0; start < others.length; start += AT_ONCE) {
    const some = others.slice(start, start + AT_ONCE)
    await Promise.all(some.map((entry) => place(entry, path.join(to, entry.name), files)))
  }
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const [below, place] = [path.join(from, name), path.join(to, name)]
    const isNamed = named.has(path.relative(merging.from, below))
    if (isNamed) makeDirectory(place, files)
    await merge(merging, below, isNamed ? place : realDirectory(rootDir, place, files))
  }
}

/** Gives a directory the mode, and in a root of its own the owner, that it has in the layer. */
async function copyOwner({ files }: Merging, from: string, to: string): Promise<void> {
  const { uid, gid, mode } = await stat(from)
  if (files === 'image') await lchown(to, uid, gid)
  await chmod(to, mode & 0o7777)
}

/** In place of what was there before. */
async function place(entry: Dirent, to: string, files: ImageFiles): Promise<void> {
  try {
    await create(entry, to, files)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    await rm(to, { recursive: true, force: true })
    await create(entry, to, files)
  }
}

async function create(entry: Dirent, to: string, files: ImageFiles): Promise<void> {
  const from = path.join(entry.parentPath, entry.name)
  // A hard link to a link is one, too: it has the same owner.
  if (entry.isSymbolicLink() && files !== 'image') return symlink(await readlink(from), to)
  if (files !== 'own') {
    try {
      return await link(from, to)
    } catch (error) {
      // A file can have so many names only, and some file systems know one for each.
      if (!hasCode(error, 'EMLINK', 'EPERM', 'ENOTSUP')) throw error
    }
  }
  if (entry.isSymbolicLink()) return symlink(await readlink(from), to)
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  if (files === 'image') await copyAttributes(from, to)
}

async function copyAttributes(from: string, to: string): Promise<void> {
  const { uid, gid, mode } = await stat(from)
  await lchown(to, uid, gid)
  await chmod(to, mode & 0o7777)
}
