import { existsSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

const linksSchema = z.object({
  dependencies: z.record(z.string(), z.string()).optional().catch(undefined),
  optionalDependencies: z.record(z.string(), z.string()).optional().catch(undefined),
  peerDependencies: z.record(z.string(), z.string()).optional().catch(undefined),
})

/** What tools leave among the modules for themselves: caches, and notes that are written anew by every installation. */
const CACHES = new Set([
  '.cache',
  '.vite',
  '.vite-temp',
  '.astro',
  '.package-lock.json',
  '.yarn-integrity',
  '.yarn-state.yml',
  '.modules.yaml',
  '.pnpm-workspace-state.json',
  '.pnpm-workspace-state-v1.json',
])
const IN_MODULES = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)$/
const IN_BIN = /^(?:.*\/)?node_modules\/\.bin\/[^/]+$/
const IN_PNPM = /^(?:.*\/)?node_modules\/\.pnpm\/[^/]+$/

/**
 * Says of each name below `top` whether the app runs without it: packages that none of the given ones depends on. They
 * are left out of the image instead of being removed, so that the next build finds them. This reads what is installed,
 * so it is the same for every package manager that makes node_modules.
 */
export function sparePackages(top: string, packageDirs: readonly string[]): (name: string) => boolean {
  // The top itself may be behind a link, as /tmp is on macOS.
  const base = realpathSync(top)
  const needed = neededPackages(base, packageDirs)
  const isNeeded = (dir: string) => needed.has(dir) || !dir.includes('/node_modules/')
  return (name) => {
    const [, module] = IN_MODULES.exec(name) ?? []
    if (module !== undefined) {
      if (module.startsWith('.')) return CACHES.has(module)
      const dir = realPath(path.join(top, name))
      if (dir === null) return true
      return !isNeeded(dir) && existsSync(path.join(dir, 'package.json'))
    }
    if (IN_PNPM.test(name)) {
      const prefix = `${path.join(base, name)}/`
      return name.includes('@') && ![...needed].some((dir) => dir.startsWith(prefix))
    }
    if (!IN_BIN.test(name)) return false
    const program = realPath(path.join(top, name))
    if (program === null) return true
    const [dir] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/.][^/]*/.exec(program) ?? []
    return dir !== undefined && !isNeeded(dir)
  }
}

/** Real folders of all packages that some packages need to run. */
function neededPackages(top: string, packageDirs: readonly string[]): Set<string> {
  const needed = new Set<string>()
  const queue = packageDirs.map((dir) => realPath(dir)).filter((dir) => dir !== null)
  for (let dir = queue.pop(); dir !== undefined; dir = queue.pop()) {
    if (needed.has(dir)) continue
    needed.add(dir)
    for (const name of dependenciesOf(dir)) {
      const found = resolve(top, dir, name)
      if (found !== null && !needed.has(found)) queue.push(found)
    }
  }
  return needed
}

function dependenciesOf(dir: string): string[] {
  try {
    const parsed = linksSchema.safeParse(
      JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8').replace(/^\uFEFF/, '')),
    )
    if (!parsed.success) return []
    const { dependencies, optionalDependencies, peerDependencies } = parsed.data
    return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error)) return []
    throw error
  }
}

/** As Node.js looks for a package: in each node_modules on the way up. */
function resolve(top: string, from: string, name: string): string | null {
  for (let dir = from; dir.startsWith(top); dir = path.dirname(dir)) {
    if (path.basename(dir) === 'node_modules') continue
    const found = realPath(path.join(dir, 'node_modules', name))
    if (found !== null) return found
    if (dir === top) break
  }
  return null
}

function realPath(file: string): string | null {
  return existsSync(file) ? realpathSync(file) : null
}
