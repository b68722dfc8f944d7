import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** In a build's cache: where builds work. */
export const WORK = 'work'
/** No build takes longer; what is older was left by one that was killed. */
const ABANDONED_MS = 24 * 60 * 60_000

/** A new, empty folder in the cache, so that what is installed moves between the two by renaming: copying it takes longer than installing. */
export async function makeWorkDir(cacheDir: string): Promise<string> {
  const parent = path.join(cacheDir, WORK)
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(path.join(parent, 'build-'))
  for (const name of await readdir(parent)) {
    const other = path.join(parent, name)
    const changedAtMs = (await stat(other).catch(() => null))?.mtimeMs
    if (changedAtMs !== undefined && Date.now() - changedAtMs > ABANDONED_MS)
      await rm(other, { recursive: true, force: true })
  }
  return dir
}
