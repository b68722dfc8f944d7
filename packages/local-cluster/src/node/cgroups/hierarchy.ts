import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where control groups of containers can be made, and the names of their files. */
export interface Hierarchy {
  version: 1 | 2
  /** Directory under which the memory (v2: every) group is made. */
  memoryParent: string
  /** v1 has a tree of its own for the CPU; v2 has one for everything. */
  cpuParent: string
}

interface MountPoint {
  path: string
  type: string
  options: readonly string[]
}

/**
 * Places to try, best first: below the group this process is in, and beside it, as a group of v2 that holds processes cannot
 * hold groups with limits. Reference: cgroups(7).
 */
export function findHierarchies(): Hierarchy[] {
  const mounts = mountPoints()
  const own = ownGroups()
  const found: Hierarchy[] = []
  const unified = mounts.find((mount) => mount.type === 'cgroup2')
  if (unified !== undefined && controllersOf(unified.path).includes('memory')) {
    const path = own.get('') ?? '/'
    for (const group of new Set([path, dirname(path)])) {
      const parent = join(unified.path, group)
      found.push({ version: 2, memoryParent: parent, cpuParent: parent })
    }
  }
  const [memory, cpu] = ['memory', 'cpu'].map((controller) => {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller))
    return mount === undefined ? null : join(mount.path, own.get(controller) ?? '/')
  })
  if (memory && cpu) found.push({ version: 1, memoryParent: memory, cpuParent: cpu })
  return found
}

/** Where groups of version 2 are mounted; null where they are not. */
export const unifiedMount = (): string | null => mountPoints().find((mount) => mount.type === 'cgroup2')?.path ?? null

/** This process's group in each hierarchy that is mounted; the one of version 2 has no controllers here. */
export function ownHierarchies(): { dir: string; controllers: readonly string[] }[] {
  const own = ownGroups()
  return mountPoints().flatMap(({ path, type, options }) => {
    if (type === 'cgroup2') return [{ dir: join(path, own.get('') ?? '/'), controllers: [] }]
    const controllers = type === 'cgroup' ? options.filter((option) => own.has(option)) : []
    return controllers.length === 0 ? [] : [{ dir: join(path, own.get(controllers[0] ?? '') ?? '/'), controllers }]
  })
}

function controllersOf(path: string): string[] {
  try {
    return readFileSync(join(path, 'cgroup.controllers'), 'utf8').trim().split(' ')
  } catch {
    return [] // Not for us to read: nothing to be had there.
  }
}

function mountPoints(): MountPoint[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const [path, [type, , options]] = [before.split(' ')[4], after.split(' ')]
      return path && type ? [{ path, type, options: (options ?? '').split(',') }] : []
    })
}

/** Group of this process by controller; the one of v2 has an empty name. */
function ownGroups(): Map<string, string> {
  const groups = new Map<string, string>()
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').split('\n')) {
    const [, controllers, ...path] = line.split(':')
    for (const controller of controllers?.split(',') ?? []) groups.set(controller, path.join(':'))
  }
  return groups
}
