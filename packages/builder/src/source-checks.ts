import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { BuildFailure } from './failure.ts'
import { readText } from './files.ts'

const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1\n'
/** Pointers are smaller than this. Reference: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const MAX_POINTER_BYTES = 1024

/**
 * Refuses trees that are not whole: submodules that were not fetched, files of which only git LFS has the content.
 * @throws BuildFailure naming the files
 */
export async function checkSource(top: string, files: readonly string[]): Promise<void> {
  await checkSubmodules(top)
  await checkLargeFiles(top, files)
}

async function checkSubmodules(top: string): Promise<void> {
  const text = await readText(top, '.gitmodules')
  if (text === null) return
  for (const section of text.split(/^\s*\[/m).slice(1)) {
    const folder = /^\s*path\s*=\s*(.+?)\s*$/m.exec(section)?.[1]
    const url = /^\s*url\s*=\s*(.+?)\s*$/m.exec(section)?.[1] ?? 'no address'
    if (folder === undefined || path.normalize(folder).startsWith('..')) continue
    const content = await readdir(path.join(top, folder)).catch(() => [])
    if (content.length > 0) continue
    throw new BuildFailure(
      `The submodule ${folder} (${url}) is empty: its files are in another repository, and could not be fetched.`,
      'Make it reachable over https, or add its files to this repository ("git rm --cached", then "git add"), and push again.',
    )
  }
}

async function checkLargeFiles(top: string, files: readonly string[]): Promise<void> {
  const attributes = files.filter((name) => path.posix.basename(name) === '.gitattributes')
  const texts = await Promise.all(attributes.map((name) => readText(top, name)))
  if (!texts.some((text) => text?.includes('filter=lfs'))) return
  const pointers: string[] = []
  for (const name of files) {
    const info = await stat(path.join(top, name)).catch(() => null)
    if (!info?.isFile() || info.size > MAX_POINTER_BYTES) continue
    if ((await readText(top, name))?.startsWith(LFS_POINTER)) pointers.push(name)
  }
  if (pointers.length === 0) return
  const named = pointers.slice(0, 3).join(', ') + (pointers.length > 3 ? ` and ${pointers.length - 3} more` : '')
  throw new BuildFailure(
    `The repository holds git LFS pointers instead of files: ${named}.`,
    'Slipway does not fetch from git LFS. Run "git lfs migrate export --include=*" to put the files into git, or load them at start, and push again.',
  )
}
