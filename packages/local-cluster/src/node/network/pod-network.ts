import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unifiedMount } from '../cgroups/hierarchy.ts'
import type { NodeLog } from '../options.ts'
import { createRoutes, type Routes, SCRIPT } from './routes.ts'

const run = promisify(execFile)

const TIMEOUT_MS = 10_000

/** How a container is on the network. */
export interface Attachment {
  /** Address of the pod. Null: the pod has the machine's network, and its own ports. */
  address: string | null
  /** Port of the machine by port that the container listens on. */
  ports: Readonly<Record<string, number>>
}

/**
 * Gives pods addresses of their own: the kernel puts what a container listens on where the node mapped it, and takes connections
 * to a pod's or a Service's address there. Nothing of the machine's network is changed, and all of it goes with the control groups.
 */
export interface PodNetwork {
  /** Where connections of containers to the addresses of pods and Services go. */
  routes: Routes
  /** Attaches what will run in the group, and answers what stands in front of it. */
  prepare(id: string, group: { unified: string | null } | null, attachment: Attachment): Promise<readonly string[]>
  /** The same for commands beside a container of an earlier life of the node. */
  enter(id: string): readonly string[]
  /** The container has ended. */
  remove(id: string): void
  /** Removes every group without a process. */
  sweep(): void
}

export type NetworkProbe = { network: PodNetwork } | { network: null; reason: string }

/**
 * Finds out, by doing it once, whether the kernel does this for us.
 * @param name of the node's groups
 * @param limits directory of the groups of version 2 that hold containers to their limits, null where they are not of version 2
 */
export async function probeNetwork(name: string, limits: string | null, log: NodeLog): Promise<NetworkProbe> {
  if (process.platform !== 'linux') return { network: null, reason: 'only Linux does this' }
  if (process.getuid?.() !== 0) return { network: null, reason: 'only root may do this' }
  const mount = unifiedMount()
  if (mount === null) return { network: null, reason: 'no control groups of version 2 are mounted' }
  const trial = join(mount, `${name}-trial`)
  try {
    mkdirSync(trial, { recursive: true })
    await run('perl', [SCRIPT, 'listen', trial, '10.0.0.1', '1:2'], { timeout: TIMEOUT_MS })
    const routing = run('perl', [SCRIPT, 'route', trial], { timeout: TIMEOUT_MS })
    routing.child.stdin?.end()
    await routing
    const base = join(mount, `${name}-network`)
    return { network: createNetwork(base, createRoutes([base, ...(limits === null ? [] : [limits])], log)) }
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    return { network: null, reason: stderr || String(error) }
  } finally {
    removeGroup(trial)
  }
}

function createNetwork(base: string, routes: Routes): PodNetwork {
  const moveIn = (dir: string) => [
    '/bin/sh',
    '-c',
    `echo $$ >'${join(dir, 'cgroup.procs')}' || exit 125; exec "$@"`,
    'sh',
  ]
  return {
    routes,
    async prepare(id, group, { address, ports }) {
      // A process is in one group of version 2 only: the one of its limits, where that is one.
      const dir = group?.unified ?? join(base, id)
      mkdirSync(dir, { recursive: true })
      if (address !== null) {
        const pairs = Object.entries(ports).filter(([from, to]) => Number(from) !== to)
        const mapped = pairs.map(([from, to]) => `${from}:${to}`)
        await run('perl', [SCRIPT, 'listen', dir, address, ...mapped], { timeout: TIMEOUT_MS })
      }
      return group?.unified === dir ? [] : moveIn(dir)
    },
    enter: (id) => (existsSync(join(base, id)) ? moveIn(join(base, id)) : []),
    remove: (id) => removeGroup(join(base, id)),
    sweep() {
      if (!existsSync(base)) return
      for (const entry of readdirSync(base, { withFileTypes: true })) {
        if (entry.isDirectory()) removeGroup(join(base, entry.name))
      }
      removeGroup(base)
    },
  }
}

function removeGroup(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // Absent, or a process is left in it: the next sweep takes it.
  }
}
