import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isExecutable, quoted } from '../../types/programs.ts'
import type { Mount } from '../volumes/mounts.ts'
import {
  asBefore,
  type Confinement,
  closedAbove,
  confine,
  confineBeside,
  disguised,
  FIRST_USER,
} from './confinement.ts'
import { type SandboxPlan, type SandboxTools, sandboxFiles } from './plan.ts'

/** How a container gets its own view of the file system: as root, or in a user namespace. */
export type SandboxKind = 'root' | 'user'

export interface Sandbox {
  kind: SandboxKind
  /** Whether confined containers have users of their own, and see processes of their own only. */
  ownUsers: boolean
  ownProcesses: boolean
  /**
   * Prepares the view of an attempt; what is answered stands in front of the shim, and of the program.
   * `env` is for what stands there, and holds the program's.
   */
  prepare(plan: SandboxToPrepare): Prepared
  /** What stands in front of a command that is to run beside a process with such a view. */
  enter(pid: number, workingDir: string, confinement: Confinement | null): string[]
}

export interface Prepared {
  launcher: string[]
  program: string[]
  env?: Record<string, string>
  failure: () => string
}

export interface SandboxToPrepare {
  /** Directory of the attempt. */
  dir: string
  imageRoot: string
  mounts: readonly Mount[]
  workingDir: string
  /** Null: nothing is hidden from it. */
  confinement: Confinement | null
  /** What it needs of directories that are hidden from it. */
  places: readonly string[]
}

export type SandboxProbe = { sandbox: Sandbox } | { sandbox: null; reason: string }

const run = promisify(execFile)
const PROBE_TIMEOUT_MS = 10_000

/**
 * Finds out, by doing it, how far containers can be kept apart on this machine.
 * @param hidden directories that confined containers do not see
 * @param needed files that every confined container has to read
 */
export async function probeSandbox(hidden: readonly string[], needed: readonly string[] = []): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return { sandbox: null, reason: 'only Linux has mount namespaces' }
  const tools = findTools()
  if (tools === null)
    return {
      sandbox: null,
      reason: 'the programs unshare, nsenter, mount and pivot_root of util-linux are not all installed',
    }
  const kind = process.getuid?.() === 0 ? 'root' : 'user'
  const dir = mkdtempSync(join(hidden[0] ?? tmpdir(), '.probe-'))
  let reason = ''
  try {
    for (const [index, parts] of (kind === 'root' ? AS_ROOT : AS_USER).entries()) {
      const sandbox = createSandbox(tools, kind, parts, hidden)
      const failure = await tryOut(sandbox, join(dir, String(index)), needed)
      if (failure === null) return { sandbox }
      reason = failure
    }
    return { sandbox: null, reason: `this machine does not allow mount namespaces: ${reason}` }
  } finally {
    for (const each of readdirSync(dir)) removeAttempt(join(dir, each))
    rmSync(dir, { recursive: true, force: true })
  }
}

type SandboxParts = Pick<Sandbox, 'ownUsers' | 'ownProcesses'> & {
  /** What containers write over their images is kept on disk. */
  onDisk: boolean
}

/** The best first. */
const AS_USER = [true, false].map((ownProcesses): SandboxParts => ({ ownUsers: false, ownProcesses, onDisk: false }))
const AS_ROOT = [true, false].flatMap((ownUsers) =>
  [true, false].flatMap((ownProcesses) =>
    [true, false].map((onDisk): SandboxParts => ({ ownUsers, ownProcesses, onDisk })),
  ),
)

/** Why it does not work; null when it does. */
async function tryOut(sandbox: Sandbox, dir: string, needed: readonly string[]): Promise<string | null> {
  const [volume, image] = [join(dir, 'volume'), join(dir, 'image')]
  for (const each of [volume, image]) mkdirSync(each, { recursive: true })
  if (sandbox.ownUsers) chmodSync(image, 0o777)
  const target = '/slipway-probe/volume'
  const mounts = [{ name: 'probe', source: volume, target, readOnly: true, isFile: false }]
  const confinement = { user: sandbox.ownUsers ? FIRST_USER : null, ownProcesses: sandbox.ownProcesses, env: {} }
  const view = { dir, imageRoot: image, mounts, workingDir: image, confinement, places: needed }
  const { launcher, program, failure } = sandbox.prepare(view)
  const tests = [`test -d ${target}`, ...needed.map((place) => `test -r ${quoted(place)}`)]
  const command = `: >made && ${tests.join(' && ')}`
  const [file = '', ...args] = [...launcher, ...program, '/bin/sh', '-c', command]
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
  const [setpriv = '', prlimit = ''] = [find('setpriv'), find('prlimit')]
  const [umount, pivotRoot, mkdir, sh] = [find('umount'), find('pivot_root'), find('mkdir'), find('sh')]
  if (unshare === undefined || nsenter === undefined || mount === undefined || umount === undefined) return null
  if (pivotRoot === undefined || mkdir === undefined || sh === undefined) return null
  return { sh, unshare, nsenter, mount, umount, pivotRoot, mkdir, setpriv, prlimit }
}

function createSandbox(
  tools: SandboxTools,
  kind: SandboxKind,
  { onDisk, ...parts }: SandboxParts,
  hidden: readonly string[],
): Sandbox {
  return {
    kind,
    ...parts,
    prepare({ dir, imageRoot, mounts, workingDir, confinement, places }) {
      const own = join(dir, 'sandbox')
      mkdirSync(join(own, 'root'), { recursive: true, mode: 0o700 })
      const closed = parts.ownUsers ? places.map(closedAbove).filter((above) => above !== null) : []
      const plan: SandboxPlan = {
        ...{ dir: own, imageRoot, layer: null, mounts, workingDir },
        hidden: confinement === null ? [] : [...new Set([...closed, ...hidden])].sort((a, b) => a.length - b.length),
        places: confinement === null ? hidden : places,
      }
      if (onDisk && imageRoot !== '/') {
        plan.layer = { upper: join(own, 'upper'), work: join(own, 'work') }
        mkdirSync(plan.layer.upper)
        mkdirSync(plan.layer.work)
        copyRights(imageRoot, plan.layer.upper)
      }
      const script = join(own, 'setup.sh')
      for (const [path, text] of sandboxFiles(tools, plan, script)) writeFileSync(path, text, { mode: 0o600 })
      const namespaces = kind === 'root' ? ['-m'] : ['-U', '-m', '--map-root-user']
      return {
        launcher: [tools.unshare, ...namespaces, '--propagation', 'private', '--', tools.sh, script],
        program: confinement === null ? asBefore(tools.unshare) : confine(tools, confinement),
        ...(confinement === null ? {} : { env: disguised(confinement.env) }),
        failure: () => readFailure(join(own, 'failure')),
      }
    },
    enter(pid, workingDir, confinement) {
      const namespaces = kind === 'root' ? ['-m'] : ['-U', '-m', '--preserve-credentials']
      const beside = confinement === null ? asBefore(tools.unshare) : confineBeside(tools, confinement)
      const enter = [tools.nsenter, '-t', String(pid), ...namespaces, '--', ...beside]
      // The directory is one of that view: it is gone to when there.
      return [...enter, tools.sh, '-c', 'cd "$0" && exec "$@"', workingDir]
    },
  }
}

/** A layer's own directory belongs to the image. */
function copyRights(from: string, to: string): void {
  const { uid, gid, mode } = statSync(from)
  chownSync(to, uid, gid)
  chmodSync(to, mode & 0o7777)
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
