import { constants, type Dirent } from 'node:fs'
import { chmod, copyFile, link, lstat, readdir, readlink, rm, stat, symlink } from 'node:fs/promises'
import path from 'node:path'
import { hasCode } from '../system-error.ts'
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
  await merge(layer.treeDir, rootDir, files)
  for (const name of directories) {
    await chmod(inside(rootDir, name), (await stat(path.join(layer.treeDir, name))).mode & 0o7777)
  }
  for (const [name, linkname] of links) {
    const target = inside(rootDir, name)
    await realDirectory(rootDir, path.dirname(target))
    if (!(await hardLink(rootDir, target, linkname))) {
      throw new UnpackError(`the image links to ${linkname}, which it does not hold`)
    }
  }
}

async function merge(from: string, to: string, files: ImageFiles): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true })
  const others = entries.filter((entry) => !entry.isDirectory())
  for (let start = 0; start < others.length; start += AT_ONCE) {
    const some = others.slice(start, start + AT_ONCE)
    await Promise.all(some.map((entry) => place(entry, path.join(to, entry.name), files)))
  }
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    await makeDirectory(path.join(to, name))
    await merge(path.join(from, name), path.join(to, name), files)
  }
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
  if (entry.isSymbolicLink()) return symlink(await readlink(from), to)
  if (files === 'shared') {
    try {
      return await link(from, to)
    } catch (error) {
      // A file can have so many names only, and some file systems know one for each.
      if (!hasCode(error, 'EMLINK', 'EPERM', 'ENOTSUP')) throw error
    }
  }
  await copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
}
