import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { isExecutable, quoted } from '../../types/programs.ts'
import type { RuntimeGroups } from '../cgroups/runtime-groups.ts'
import type { NodeLog } from '../options.ts'
import { removeAttempt } from '../sandbox/sandbox.ts'
import { machineRoot } from './machine-root.ts'
import { securityOf } from './security.ts'
import { runtimeSpec, type SpecToMake } from './spec.ts'

const run = promisify(execFile)
const TIMEOUT_MS = 20_000
/** The whole environment of the runtime itself: nothing of a container's may reach a program of the machine. */
export const RUNTIME_ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } as const
const runtimeEnv = RUNTIME_ENV as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv
/** In the order in which they are tried. */
const PROGRAMS = ['runc', 'crun']

/** An OCI runtime of this machine. */
export interface OciRuntime {
  /** `runc` or `crun`. */
  name: string
  /** Where it makes the control groups of containers. */
  groups: RuntimeGroups
  /**
   * Prepares a container's bundle below the directory of its attempt.
   * @returns the commands that stand in front of the shim, and that the shim runs
   */
  prepare(bundle: BundleToPrepare): { launcher: string[]; command: string[]; failure: () => string }
  /** What stands in front of a command that is to run in the container. */
  enter(id: string, options: { terminal: boolean }): string[]
  /** Ends whatever is left of a container, and forgets it. */
  remove(id: string): Promise<void>
  /** Removes the containers that are not named, and every empty control group. */
  sweep(kept: ReadonlySet<string>): Promise<void>
}

export interface BundleToPrepare {
  id: string
  /** Directory of the attempt; its `sandbox` is made. */
  dir: string
  /** The image's files, which are not changed. Null: there are none. */
  imageRoot: string | null
  /** Directories of the machine that the container sees under layers of its own. */
  trees: readonly string[]
  spec: Omit<SpecToMake, 'cgroupsPath' | 'cgroupVersion' | 'limitsSwap'>
}

export type RuntimeProbe = { runtime: OciRuntime } | { runtime: null; reason: string }

/** Files of a container's bundle; `root` is mounted in the namespace of its shim only. */
export const bundleFiles = (dir: string) => {
  const own = join(dir, 'sandbox')
  return {
    dir: own,
    root: join(own, 'root'),
    upper: join(own, 'upper'),
    work: join(own, 'work'),
    empty: join(own, 'empty'),
    layers: join(own, 'layers'),
    setup: join(own, 'setup.sh'),
    config: join(own, 'config.json'),
    failure: join(own, 'failure'),
    log: join(own, 'runtime.log'),
    /** The id of the container's first process, once it has begun. */
    pid: join(own, 'pid'),
  }
}

/**
 * Finds a runtime that works here, by running a container once with each.
 * @param dir the node's directory
 */
export async function probeRuntime(dir: string, groups: RuntimeGroups, log: NodeLog): Promise<RuntimeProbe> {
  if (process.platform !== 'linux') return { runtime: null, reason: 'OCI runtimes run on Linux only' }
  if (process.getuid?.() !== 0)
    return { runtime: null, reason: 'only root can run containers with their own file system' }
  let reason = 'neither runc nor crun is installed'
  for (const name of PROGRAMS) {
    const program = RUNTIME_ENV.PATH.split(':')
      .map((entry) => join(entry, name))
      .find(isExecutable)
    if (program === undefined) continue
    for (const onDisk of [true, false]) {
      const runtime = createRuntime({ name, program, dir, groups, onDisk })
      const failure = await tryOut(runtime, dir)
      if (failure === null) return { runtime }
      reason = `${name} does not work here: ${failure}`
      log.info('an OCI runtime cannot be used', { name, onDisk, error: failure })
    }
  }
  return { runtime: null, reason }
}

/** Runs the machine's own shell in a root as containers have it; answers why that does not work, or null. */
async function tryOut(runtime: OciRuntime, nodeDir: string): Promise<string | null> {
  const dir = mkdtempSync(join(nodeDir, '.probe-'))
  const id = `probe-${process.pid}`
  const identity = { uid: FIRST_USER, gid: FIRST_USER, groups: [] }
  try {
    const { trees, mounts } = machineRoot(bundleFiles(dir).upper, identity, [])
    const container = { name: 'probe', image: '', resources: { limits: { memory: '64Mi', cpu: '1' } } }
    const { launcher, command, failure } = runtime.prepare({
      ...{ id, dir, imageRoot: null, trees },
      spec: {
        ...{ container, identity, mounts, env: RUNTIME_ENV, workingDir: '/', terminal: false, hostname: 'probe' },
        args: ['/bin/sh', '-c', `test "$$" = 1 && : >/tmp/made && ! test -e ${quoted(nodeDir)}`],
        security: securityOf({}, 'none'),
      },
    })
    const [file = '', ...args] = [...launcher, ...command]
    return await run(file, args, { timeout: TIMEOUT_MS, env: runtimeEnv }).then(
      () => null,
      (error: unknown) => failure() || String(error),
    )
  } finally {
    await runtime.remove(id)
    removeAttempt(dir)
  }
}

/** Any user that is not root. */
const FIRST_USER = 1000

interface RuntimeParts {
  name: string
  program: string
  dir: string
  groups: RuntimeGroups
  /** What containers write is kept on disk; otherwise, where that cannot be layered, in memory. */
  onDisk: boolean
}

function createRuntime({ name, program, dir, groups, onDisk }: RuntimeParts): OciRuntime {
  const stateDir = join(dir, 'runtime')
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const call = [program, '--root', stateDir]
  const remove = async (id: string) => {
    // Forced, it succeeds where there is no such container.
    await run(program, ['--root', stateDir, 'delete', '--force', id], { timeout: TIMEOUT_MS, env: runtimeEnv })
  }
  return {
    name,
    groups,
    prepare(bundle) {
      const files = bundleFiles(bundle.dir)
      for (const each of [files.dir, files.root, files.upper, files.work, files.empty, files.layers]) {
        mkdirSync(each, { recursive: true, mode: 0o755 })
      }
      const { version: cgroupVersion, limitsSwap } = groups
      const cgroupsPath = groups.pathOf(bundle.id)
      const spec = runtimeSpec({ ...bundle.spec, cgroupsPath, cgroupVersion, limitsSwap })
      writeFileSync(files.config, JSON.stringify(spec), { mode: 0o600 })
      writeFileSync(files.setup, setupScript(bundle, onDisk), { mode: 0o600 })
      const log = ['--log', files.log, '--log-format', 'json']
      const keep = name === 'runc' ? ['--keep'] : []
      return {
        launcher: ['unshare', '-m', '--propagation', 'private', '--', '/bin/sh', files.setup],
        command: [...call, ...log, 'run', ...keep, '--pid-file', files.pid, '--bundle', files.dir, bundle.id],
        failure: () => readFailure(files),
      }
    },
    enter(id, { terminal }) {
      const tty = terminal ? ['--tty', '--env', 'TERM=xterm'] : []
      return [...call, '--log', '/dev/null', 'exec', ...tty, id]
    },
    remove,
    async sweep(kept) {
      for (const id of readdirSync(stateDir)) if (!kept.has(id)) await remove(id)
      groups.sweep()
    },
  }
}

/** Mounts the container's root, in a mount namespace that goes with the shim. */
function setupScript({ dir, imageRoot, trees }: BundleToPrepare, onDisk: boolean): string {
  const files = bundleFiles(dir)
  const layer = (lower: string, target: string, upper: string, work: string) => {
    for (const path of [lower, upper, work]) {
      if (/[,:"\\]/.test(path)) throw new Error(`no layer can be made over ${path}: its name holds , : " or \\`)
    }
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
    return `mount -t overlay -o ${quoted(options)} overlay ${quoted(target)}`
  }
  // What was put into the layer before comes along.
  const inMemory = [
    `mount -t tmpfs -o mode=700 slipway ${quoted(files.layers)}`,
    `cp -a ${quoted(files.upper)} ${quoted(files.work)} ${quoted(files.layers)}/`,
  ]
  const own = onDisk ? files.dir : files.layers
  return [
    '#!/bin/sh',
    `exec 2>${quoted(files.failure)}`,
    'set -e',
    ...(onDisk ? [] : inMemory),
    layer(imageRoot ?? files.empty, files.root, join(own, 'upper'), join(own, 'work')),
    ...trees.flatMap((tree) => {
      const [upper, work] = ['upper', 'work'].map((part) => join(files.layers, `${basename(tree)}-${part}`))
      const target = join(files.root, tree)
      return [
        `mkdir -p ${[upper, work, target].map((each) => quoted(each ?? '')).join(' ')}`,
        layer(tree, target, upper ?? '', work ?? ''),
      ]
    }),
    'exec 2>/dev/null',
    'exec "$@"',
    '',
  ].join('\n')
}

/** Why a container did not begin: what its mounts or the runtime said last. */
function readFailure(files: ReturnType<typeof bundleFiles>): string {
  const mounts = readText(files.failure).trim()
  if (mounts !== '') return mounts.slice(0, MOST_SAID)
  const lines = readText(files.log).split('\n').filter(Boolean)
  const errors = lines.map((line) => logLine.parse(JSON.parse(line))).filter(({ level }) => level === 'error')
  return errors.at(-1)?.msg.slice(0, MOST_SAID) ?? ''
}

const MOST_SAID = 1000
const logLine = z.object({ level: z.string(), msg: z.string() })

const readText = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
