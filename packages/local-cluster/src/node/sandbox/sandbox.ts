import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isExecutable } from '../../programs.ts'
import type { Mount } from '../volumes/mounts.ts'
import { type SandboxPlan, type SandboxTools, sandboxFiles } from './plan.ts'

/** How a container gets its own view of the file system: as root, or in a user namespace. */
export type SandboxKind = 'root' | 'user'

export interface Sandbox {
  kind: SandboxKind
  /** Prepares the view of an attempt; what is answered stands in front of the shim, and of the program. */
  prepare(plan: SandboxToPrepare): { launcher: string[]; program: string[]; failure: () => string }
  /** What stands in front of a command that is to run beside a process with such a view. */
  enter(pid: number, workingDir: string): string[]
}

export interface SandboxToPrepare {
  /** Directory of the attempt. */
  dir: string
  imageRoot: string
  mounts: readonly Mount[]
  workingDir: string
}

export type SandboxProbe = { sandbox: Sandbox } | { sandbox: null; reason: string }

const run = promisify(execFile)
const PROBE_TIMEOUT_MS = 10_000

/**
 * Finds out, by doing it once, whether containers can have their own view of the file system on this machine.
 * @param keep directories that stay what they are in every view
 */
export async function probeSandbox(keep: readonly string[]): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return { sandbox: null, reason: 'only Linux has mount namespaces' }
  const tools = findTools()
  if (tools === null)
    return {
      sandbox: null,
      reason: 'the programs unshare, nsenter, mount and pivot_root of util-linux are not all installed',
    }
  const kind = process.getuid?.() === 0 ? 'root' : 'user'
  const dir = mkdtempSync(join(keep[0] ?? tmpdir(), '.probe-'))
  try {
    let reason = ''
    for (const onDisk of kind === 'root' ? [true, false] : [false]) {
      const sandbox = createSandbox(tools, kind, onDisk, keep)
      const failure = await tryOut(sandbox, join(dir, onDisk ? 'disk' : 'memory'))
      if (failure === null) return { sandbox }
      reason = failure
    }
    return { sandbox: null, reason: `this machine does not allow mount namespaces: ${reason}` }
  } finally {
    removeAttempt(join(dir, 'disk'))
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Why it does not work; null when it does. */
async function tryOut(sandbox: Sandbox, dir: string): Promise<string | null> {
  const [volume, image] = [join(dir, 'volume'), join(dir, 'image')]
  for (const each of [volume, image]) mkdirSync(each, { recursive: true })
  const target = '/slipway-probe/volume'
  const mounts = [{ name: 'probe', source: volume, target, readOnly: true, isFile: false }]
  const { launcher, program, failure } = sandbox.prepare({ dir, imageRoot: image, mounts, workingDir: image })
  const [file = '', ...args] = [...launcher, ...program, '/bin/sh', '-c', `: >made && test -d ${target}`]
  try {
    await run(file, args, { timeout: PROBE_TIMEOUT_MS })
    return null
  } catch (error) {
    return failure() || (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
}

function findTools(): SandboxTools | null {
  const find = (name: string) =>
    ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'].map((dir) => join(dir, name)).find(isExecutable)
  const [unshare, nsenter, mount] = [find('unshare'), find('nsenter'), find('mount')]
  const [umount, pivotRoot, mkdir, sh] = [find('umount'), find('pivot_root'), find('mkdir'), find('sh')]
  if (unshare === undefined || nsenter === undefined || mount === undefined || umount === undefined) return null
  if (pivotRoot === undefined || mkdir === undefined || sh === undefined) return null
  return { sh, unshare, nsenter, mount, umount, pivotRoot, mkdir }
}

function createSandbox(tools: SandboxTools, kind: SandboxKind, onDisk: boolean, keep: readonly string[]): Sandbox {
  const ids = [`--map-user=${process.getuid?.() ?? 0}`, `--map-group=${process.getgid?.() ?? 0}`]
  // A user namespace's first user may mount; inside it the program gets its own user back.
  const program = kind === 'root' ? [] : [tools.unshare, '-U', ...ids, '--']
  return {
    kind,
    prepare({ dir, imageRoot, mounts, workingDir }) {
      const own = join(dir, 'sandbox')
      mkdirSync(join(own, 'root'), { recursive: true, mode: 0o700 })
      const plan: SandboxPlan = { dir: own, imageRoot, layer: null, mounts, workingDir, keep }
      if (onDisk && imageRoot !== '/') {
        plan.layer = { upper: join(own, 'upper'), work: join(own, 'work') }
        mkdirSync(plan.layer.upper)
        mkdirSync(plan.layer.work)
      }
      const script = join(own, 'setup.sh')
      for (const [path, text] of sandboxFiles(tools, plan, script)) writeFileSync(path, text, { mode: 0o600 })
      const namespaces = kind === 'root' ? ['-m'] : ['-U', '-m', '--map-root-user']
      return {
        launcher: [tools.unshare, ...namespaces, '--propagation', 'private', '--', tools.sh, script],
        program,
        failure: () => readFailure(join(own, 'failure')),
      }
    },
    enter(pid, workingDir) {
      const namespaces = kind === 'root' ? ['-m'] : ['-U', '-m', '--preserve-credentials']
      const enter = [tools.nsenter, '-t', String(pid), ...namespaces, '--', ...program]
      // The directory is one of that view: it is gone to when there.
      return [...enter, tools.sh, '-c', 'cd "$0" && exec "$@"', workingDir]
    },
  }
}

function readFailure(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().slice(0, 1000)
  } catch {
    return '' // It did not come so far as to say something.
  }
}

/** Removes the directory of an attempt. The kernel leaves an empty directory of mode 0 in a layer, which only rmdir takes. */
export function removeAttempt(dir: string): void {
  try {
    rmdirSync(join(dir, 'sandbox', 'work', 'work'))
  } catch {
    // There is no layer, or it is used: removing the rest says so.
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}
