import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ContainerGroup } from '../cgroups/cgroups.ts'
import { unifiedMount } from '../cgroups/hierarchy.ts'

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, 'rewrite.pl')
const TIMEOUT_MS = 10_000

/**
 * Lets programs that listen on a fixed port be many: the kernel puts each container's declared ports where the node mapped them,
 * whatever the program itself asks for. Nothing of the machine's network is changed, and all of it goes with the group.
 */
export interface PortRewriter {
  /** Rewrites the ports of what will run in the group, and answers what stands in front of it. */
  prepare(id: string, group: ContainerGroup | null, ports: Readonly<Record<string, number>>): Promise<readonly string[]>
  /** The same for commands beside a container of an earlier life of the node. */
  enter(id: string): readonly string[]
  /** The container has ended. */
  remove(id: string): void
  /** Removes every group without a process. */
  sweep(): void
}

export type RewriterProbe = { rewriter: PortRewriter } | { rewriter: null; reason: string }

/** Finds out, by doing it once, whether the kernel rewrites ports for us. @param name of the node's groups */
export async function probePortRewriter(name: string): Promise<RewriterProbe> {
  if (process.platform !== 'linux') return { rewriter: null, reason: 'only Linux does this' }
  if (process.getuid?.() !== 0) return { rewriter: null, reason: 'only root may do this' }
  const mount = unifiedMount()
  if (mount === null) return { rewriter: null, reason: 'no control groups of version 2 are mounted' }
  const rewriter = createRewriter(join(mount, `${name}-ports`))
  try {
    await rewriter.prepare('probe', null, { '1': 2 })
    return { rewriter }
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    return { rewriter: null, reason: stderr || String(error) }
  } finally {
    rewriter.sweep()
  }
}

function createRewriter(base: string): PortRewriter {
  const moveIn = (dir: string) => [
    '/bin/sh',
    '-c',
    `echo $$ >'${join(dir, 'cgroup.procs')}' || exit 125; exec "$@"`,
    'sh',
  ]
  return {
    async prepare(id, group, ports) {
      const pairs = Object.entries(ports).filter(([from, to]) => Number(from) !== to)
      if (pairs.length === 0) return []
      // A process is in one group of version 2 only: the one of its limits, where that is one.
      const dir = group?.unified ?? join(base, id)
      mkdirSync(dir, { recursive: true })
      await run('perl', [SCRIPT, dir, ...pairs.map(([from, to]) => `${from}:${to}`)], { timeout: TIMEOUT_MS })
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
