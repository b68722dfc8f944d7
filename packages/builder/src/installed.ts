import { randomUUID } from 'node:crypto'
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { readText } from './files.ts'

/** Installed dependencies that can be handed back to the cache. */
export interface Installation {
  keep(): Promise<void>
}

export const NOTHING_INSTALLED: Installation = { keep: async () => undefined }

/** Installations that are kept: of the branch that is deployed and of one beside it. */
const MAX_KEPT = 2
const listSchema = z.array(z.string())

const placeOf = (cacheDir: string, key: string) => path.join(cacheDir, 'dependencies', key)

/**
 * Moves what an earlier build installed under a key into the tree; false where there is nothing. It is moved and not
 * copied, so two builds at a time cannot share it: the second finds nothing and installs anew.
 */
export async function takeInstalled(cacheDir: string, key: string, root: string): Promise<boolean> {
  const cached = placeOf(cacheDir, key)
  const taken = `${cached}.${randomUUID()}.taken`
  const isThere = await rename(cached, taken).then(
    () => true,
    () => false,
  )
  if (!isThere) return false
  const list = listSchema.parse(JSON.parse((await readText(taken, 'list.json')) ?? '[]'))
  for (const [index, name] of list.entries()) {
    const target = path.join(root, name)
    await rm(target, { recursive: true, force: true })
    await move(path.join(taken, String(index)), target)
  }
  await rm(taken, { recursive: true, force: true })
  return list.length > 0
}

/** Moves folders of the tree, named relative to its root, into the cache under a key. */
export async function keepInstalled(
  cacheDir: string,
  key: string,
  root: string,
  folders: readonly string[],
): Promise<void> {
  const cached = placeOf(cacheDir, key)
  const partial = `${cached}.${randomUUID()}.partial`
  await mkdir(partial, { recursive: true })
  const list: string[] = []
  for (const name of folders) {
    if (!(await stat(path.join(root, name)).catch(() => null))?.isDirectory()) continue
    await move(path.join(root, name), path.join(partial, String(list.length)))
    list.push(name)
  }
  await writeFile(path.join(partial, 'list.json'), JSON.stringify(list))
  await rm(cached, { recursive: true, force: true })
  await rename(partial, cached)
  await prune(path.dirname(cached))
}

async function prune(dir: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(dir)).map(async (name) => ({ name, at: (await stat(path.join(dir, name))).mtimeMs })),
  )
  for (const { name } of folders.sort((a, b) => b.at - a.at).slice(MAX_KEPT)) {
    await rm(path.join(dir, name), { recursive: true, force: true })
  }
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true })
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    // Times are kept: packed layers are known by them.
    await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    await rm(from, { recursive: true, force: true })
  }
}
