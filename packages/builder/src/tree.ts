import { lstat, readdir, readlink } from 'node:fs/promises'
import path from 'node:path'
import { BuildFailure } from './failure.ts'

/** One entry of a tree, as it goes into a layer. */
export interface TreeEntry {
  /** Relative to the tree's top, with `/`. */
  name: string
  type: 'file' | 'directory' | 'symlink'
  size: number
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
    for (const child of (await readdir(path.join(top, relative))).sort()) {
      const name = relative === '' ? child : `${relative}/${child}`
      if ((relative === '' && SKIPPED.has(child)) || skip(name)) continue
      const entry = await entryOf(top, name)
      if (entries.push(entry) > MAX_ENTRIES) {
        throw new BuildFailure(`The app has more than ${MAX_ENTRIES} files.`, 'Remove what is not needed to run it.')
      }
      if (entry.type === 'directory') await visit(name)
    }
  }
  await visit('')
  return entries
}

async function entryOf(top: string, name: string): Promise<TreeEntry> {
  const file = path.join(top, name)
  const info = await lstat(file)
  if (info.isDirectory()) return { name, type: 'directory', size: 0, executable: true }
  if (info.isFile()) return { name, type: 'file', size: info.size, executable: (info.mode & 0o111) !== 0 }
  if (!info.isSymbolicLink())
    throw new BuildFailure(`${name} is neither a file nor a folder.`, 'Remove it and push again.')
  const target = path.resolve(path.dirname(file), await readlink(file))
  if (target !== top && !target.startsWith(top + path.sep)) {
    throw new BuildFailure(
      `The link ${name} leads out of the app.`,
      'Replace it by a file or remove it, and push again.',
    )
  }
  return {
    name,
    type: 'symlink',
    size: 0,
    executable: true,
    linkname: path.relative(path.dirname(file), target) || '.',
  }
}

/** Bytes of all files below a folder; 0 where there is none. */
export async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  let total = 0
  for (const entry of names) {
    if (entry.isFile()) total += (await lstat(path.join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0
  }
  return total
}
