import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ownHierarchies, unifiedMount } from './hierarchy.ts'

/** Control groups of containers that an OCI runtime makes. */
export interface RuntimeGroups {
  version: 1 | 2
  /** Directory of all groups of the node in version 2; null where that is not mounted. */
  unifiedBase: string | null
  /** Whether the kernel counts swap against a limit of memory. */
  limitsSwap: boolean
  /** The group of a container, as its spec names it. */
  pathOf(id: string): string
  /** Removes every group without a process. */
  sweep(): void
}

/**
 * Where an OCI runtime is to make groups: below the group of this process with version 1, also where version 2 is mounted beside it
 * without controllers; with version 2 where groups with limits can be made.
 * @param name of the node's groups
 * @param limits directory of the node's groups that have limits, where they are of version 2
 */
export function runtimeGroups(name: string, limits: string | null): RuntimeGroups {
  const hierarchies = ownHierarchies()
  const memory = hierarchies.find(({ controllers }) => controllers.includes('memory'))
  const unified = hierarchies.find(({ controllers }) => controllers.length === 0)?.dir ?? null
  const version = memory === undefined ? 2 : 1
  const base =
    version === 2
      ? (limits ?? (unified === null ? null : join(dirname(unified), name)))
      : unified && join(unified, name)
  const bases = [
    ...(version === 1 ? hierarchies.map(({ dir }) => join(dir, name)) : []),
    ...(base === null ? [] : [base]),
  ]
  return {
    version,
    unifiedBase: base,
    limitsSwap: memory === undefined || existsSync(join(memory.dir, 'memory.memsw.limit_in_bytes')),
    // A relative path is one below the runtime's own group, in each hierarchy.
    pathOf: (id) =>
      version === 1 || base === null ? join(name, id) : join('/', relative(unifiedMount() ?? '/', base), id),
    sweep() {
      for (const dir of new Set(bases)) {
        if (!existsSync(dir)) continue
        const groups = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
        for (const group of groups) removeIfEmpty(join(dir, group.name))
        removeIfEmpty(dir)
      }
    },
  }
}

function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // A container is left in it: a later sweep takes it.
  }
}
