import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../types/system-error.ts'
import { findHierarchies, type Hierarchy } from './hierarchy.ts'

export interface Limits {
  /** Null: none. */
  memoryBytes: number | null
  /** Thousandths of a core. Null: none. */
  cpuMillis: number | null
}

/** The control group of one container: the kernel holds its processes to their limits. */
export interface ContainerGroup {
  /** What stands in front of a command so that it, and all it starts, is in the group. */
  enter: readonly string[]
  /** Its directory where the group is one of version 2. */
  unified: string | null
  /** True when the kernel killed a process of the group for its memory. */
  outOfMemory(): boolean
  /** Memory in use, in bytes. */
  memoryBytes(): number
  /** Removes the group; false while a process is left in it. */
  remove(): boolean
}

export interface Cgroups {
  version: 1 | 2
  /** Directory of all groups of the node, where they are of version 2. */
  unifiedBase: string | null
  create(id: string, limits: Limits): ContainerGroup
  /** The group that an earlier life of the node made. */
  find(id: string): ContainerGroup | null
  /** Removes every group without a process, and the node's own when none is left. */
  sweep(): void
}

/** Name of the group that holds those of a node's containers. */
export const groupsName = (dir: string) => `slipway-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`

export type CgroupsProbe = { cgroups: Cgroups } | { cgroups: null; reason: string }

const CPU_PERIOD_US = 100_000
/** The kernel takes no less. */
const LEAST_CPU_QUOTA_US = 1_000

/**
 * Finds out, by making one, whether containers can have control groups here.
 * @param dir the node's directory: each node of a machine has groups of its own
 */
export function probeCgroups(dir: string): CgroupsProbe {
  if (process.platform !== 'linux') return { cgroups: null, reason: 'only Linux has control groups' }
  if (process.getuid?.() !== 0) return { cgroups: null, reason: 'only root may make control groups' }
  const name = groupsName(dir)
  let reason = 'no control groups with a memory controller are mounted'
  for (const hierarchy of findHierarchies()) {
    try {
      const cgroups = openCgroups(hierarchy, name)
      const group = cgroups.create('probe', { memoryBytes: 64 * 1024 ** 2, cpuMillis: 1000 })
      if (group.remove()) return { cgroups }
      reason = 'a group could not be removed again'
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
  }
  return { cgroups: null, reason }
}

function openCgroups(hierarchy: Hierarchy, name: string): Cgroups {
  const { version, memoryParent, cpuParent } = hierarchy
  const bases = [...new Set([join(memoryParent, name), join(cpuParent, name)])]
  const prepare = () => {
    if (version === 2) writeFileSync(join(memoryParent, 'cgroup.subtree_control'), '+memory +cpu')
    for (const base of bases) mkdirSync(base, { recursive: true })
    if (version === 2) writeFileSync(join(memoryParent, name, 'cgroup.subtree_control'), '+memory +cpu')
  }
  prepare()
  const group = (id: string) => openGroup(version, join(memoryParent, name, id), join(cpuParent, name, id))
  return {
    version,
    unifiedBase: version === 2 ? join(memoryParent, name) : null,
    create(id, limits) {
      prepare()
      const dirs = new Set(bases.map((base) => join(base, id)))
      for (const dir of dirs) mkdirSync(dir, { recursive: true })
      writeLimits(version, join(memoryParent, name, id), join(cpuParent, name, id), limits)
      return group(id)
    },
    find: (id) => (existsSync(join(memoryParent, name, id)) ? group(id) : null),
    sweep() {
      for (const base of bases) {
        if (!existsSync(base)) continue
        for (const entry of readdirSync(base, { withFileTypes: true })) {
          if (entry.isDirectory()) removeGroup(join(base, entry.name))
        }
        removeGroup(base)
      }
    },
  }
}

function writeLimits(version: 1 | 2, memory: string, cpu: string, { memoryBytes, cpuMillis }: Limits): void {
  const quotaUs =
    cpuMillis === null ? null : Math.max(LEAST_CPU_QUOTA_US, Math.round((cpuMillis * CPU_PERIOD_US) / 1000))
  if (version === 2) {
    writeFileSync(join(memory, 'memory.max'), memoryBytes === null ? 'max' : String(memoryBytes))
    // A limit that swap would stretch is none.
    const swap = join(memory, 'memory.swap.max')
    if (memoryBytes !== null && existsSync(swap)) writeFileSync(swap, '0')
    writeFileSync(join(cpu, 'cpu.max'), `${quotaUs ?? 'max'} ${CPU_PERIOD_US}`)
    return
  }
  writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryBytes ?? -1))
  const swap = join(memory, 'memory.memsw.limit_in_bytes')
  if (memoryBytes !== null && existsSync(swap)) writeFileSync(swap, String(memoryBytes))
  writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(CPU_PERIOD_US))
  writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(quotaUs ?? -1))
}

function openGroup(version: 1 | 2, memory: string, cpu: string): ContainerGroup {
  const files = [...new Set([memory, cpu])].map((dir) => join(dir, 'cgroup.procs'))
  const moveIn = files.map((file) => `echo $$ >'${file}' || exit 125`).join('; ')
  return {
    enter: ['/bin/sh', '-c', `${moveIn}; exec "$@"`, 'sh'],
    unified: version === 2 ? memory : null,
    outOfMemory: () =>
      value(join(memory, version === 2 ? 'memory.events' : 'memory.oom_control'), /^oom_kill (\d+)/m) > 0,
    memoryBytes: () => workingSet(version, memory),
    remove: () => [...new Set([memory, cpu])].map(removeGroup).every(Boolean),
  }
}

/** As the kubelet counts: what is in use, without the file cache that could go at once. */
function workingSet(version: 1 | 2, dir: string): number {
  const used = value(join(dir, version === 2 ? 'memory.current' : 'memory.usage_in_bytes'), /^(\d+)/)
  const cache = value(join(dir, 'memory.stat'), version === 2 ? /^inactive_file (\d+)/m : /^total_inactive_file (\d+)/m)
  return Math.max(0, used - cache)
}

function value(file: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // The group is gone, and with it what it counted.
  }
}

function removeGroup(dir: string): boolean {
  try {
    rmdirSync(dir)
    return true
  } catch (error) {
    return hasCode(error, 'ENOENT')
  }
}
