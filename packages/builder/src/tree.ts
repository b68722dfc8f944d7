import { lstatSync, readlinkSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { BuildFailure } from './failure.ts'

/** One entry of a tree, as it goes into a layer. */
export interface TreeEntry {
  /** Relative to the tree's top, with `/`. */
  name: string
  type: 'file' | 'directory' | 'symlink'
  size: number
  mtimeMs: number
  executable: boolean
  linkname?: string
}

/** Folders that never belong into an image. */
const SKIPPED = new Set(['.git', '.slipway-cache'])
const MAX_ENTRIES = 1_000_000

/**
 * Everything below `top`, sorted by name, so that the same tree gives the same layer.
 * @throws BuildFailure for links that lead out of the tree and for what is neither file, folder nor link
 */
export async function listTree(top: string, skip: (name: string) => boolean = () => false): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  const visit = async (relative: string) => {
    const names = (await readdir(path.join(top, relative)))
      .sort()
      .filter((child) => relative !== '' || !SKIPPED.has(child))
      .map((child) => (relative === '' ? child : `${relative}/${child}`))
      .filter((name) => !skip(name))
    for (const entry of names.map((name) => entryOf(top, name))) {
      if (entries.push(entry) > MAX_ENTRIES) {
        throw new BuildFailure(`The app has more than ${MAX_ENTRIES} files.`, 'Remove what is not needed to run it.')
      }
      if (entry.type === 'directory') await visit(entry.name)
    }
  }
  await visit('')
  return entries
}

/** Without a hop to a thread: an app has thousands of small files. */
function entryOf(top: string, name: string): TreeEntry {
  const file = path.join(top, name)
  const info = lstatSync(file)
  const { mtimeMs } = info
  if (info.isDirectory()) return { name, type: 'directory', size: 0, mtimeMs, executable: true }
  if (info.isFile()) return { name, type: 'file', size: info.size, mtimeMs, executable: (info.mode & 0o111) !== 0 }
  if (!info.isSymbolicLink())
    throw new BuildFailure(`${name} is neither a file nor a folder.`, 'Remove it and push again.')
  const target = path.resolve(path.dirname(file), readlinkSync(file))
  if (target !== top && !target.startsWith(top + path.sep)) {
    throw new BuildFailure(
      `The link ${name} leads out of the app.`,
      'Replace it by a file or remove it, and push again.',
    )
  }
  const linkname = path.relative(path.dirname(file), target) || '.'
  return { name, type: 'symlink', size: 0, mtimeMs, executable: true, linkname }
}

/** Bytes of all files below a folder; 0 where there is none. */
export async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  let total = 0
  for (let start = 0; start < files.length; start += 64) {
    const sizes = await Promise.all(
      files.slice(start, start + 64).map(async (file) => (await lstat(file).catch(() => null))?.size ?? 0),
    )
    total += sizes.reduce((sum, size) => sum + size, 0)
  }
  return total
}
