import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { ContainerStartError } from '../container/command.ts'
import { expand } from '../container/expand.ts'
import { groupId, newRun, openLog } from '../container/run.ts'
import { inTerminal } from '../container/terminal.ts'
import type { NodeContext } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import { hasNodeNetwork } from '../pod/address.ts'
import type { ContainerMeta, ContainerRecord, PodRecord, Run } from '../pod/state.ts'
import { processFiles } from '../process/paths.ts'
import { startProcess } from '../process/start.ts'
import type { Mount } from '../volumes/mounts.ts'
import type { Identity } from './identity.ts'
import { type MachineRoot, machineRoot } from './machine-root.ts'
import { heldOutput, RuntimeProcess } from './process.ts'
import { bundleFiles, type OciRuntime, RUNTIME_ENV } from './runtime.ts'
import { type Security, securityContext, securityOf } from './security.ts'
import { identityOf } from './user.ts'

/** Where the node's caches of builds are in a container that builds. */
export const BUILD_CACHE = '/cache'
const LONGEST_HOSTNAME = 63
const APP_USER = 1000

export interface ContainerToRun {
  pod: Pod
  record: PodRecord
  container: Container
  known: ContainerRecord
  image: RunnableImage
  env: Record<string, string>
  /** What the pod mounts. */
  mounts: readonly Mount[]
  ports: Readonly<Record<string, number>>
  meta: Pick<ContainerMeta, 'attempt' | 'image' | 'imageDigest' | 'env'>
}

/** Starts the container's next attempt in the runtime. @throws ContainerStartError */
export async function startInRuntime(
  context: NodeContext,
  runtime: OciRuntime,
  start: ContainerToRun,
): Promise<{ run: Run; process: RuntimeProcess }> {
  const { pod, record, container, known, image, env } = start
  const args = commandLine(container, image, env)
  const workingDir = container.workingDir || image.config.WorkingDir || '/'
  const identity = identityIn(pod, container, image)
  const run = newRun(context, record, known, {
    ...start.meta,
    program: args[0] ?? '',
    workingDir,
    inRuntime: true,
    identity,
  })
  const id = groupId(run)
  const { trees, mounts } = rootOf(context, image, run, { identity, container, env })
  const terminal = container.tty === true
  const { launcher, command, failure } = runtime.prepare({
    ...{ id, dir: run.dir, trees },
    imageRoot: image.root === undefined || image.root === 'native' ? image.rootDir : null,
    spec: {
      ...{ container, args, workingDir, terminal, identity },
      env: terminal ? { TERM: 'xterm', ...env } : env,
      security: rightsOf(pod, container, image),
      hostname: (pod.spec.hostname ?? pod.metadata.name).slice(0, LONGEST_HOSTNAME),
      mounts: [...mounts, ...ownFiles(context, pod, container, run, start.mounts), ...start.mounts],
    },
  })
  const address = hasNodeNetwork(pod) ? null : record.ip
  const unified = runtime.groups.unifiedBase === null ? null : join(runtime.groups.unifiedBase, id)
  await context.network?.prepare(id, { unified }, { address, ports: start.ports })
  const [program = '', ...rest] = command
  const wrapped = terminal ? inTerminal({ program, args: rest }, { ...RUNTIME_ENV }) : { program, args: rest }
  const output = heldOutput(openLog(context, run))
  const process = await startProcess({
    dir: run.dir,
    ...wrapped,
    env: { ...RUNTIME_ENV, ...(terminal ? { TERM: 'xterm', SHELL: '/bin/sh' } : {}) },
    workingDir: run.dir,
    stdin: container.stdin === true || terminal,
    sandbox: { launcher, program: [], failure },
    output: output.write,
    watch: (shimPid) => new RuntimeProcess(run.dir, shimPid, output.write),
  })
  run.process = process
  Object.assign(run, besideIn(runtime, id))
  if (!(await (process as RuntimeProcess).started())) {
    output.drop()
    await process.exited
    run.process = null
    await runtime.remove(id)
    throw startError(failure())
  }
  output.release()
  run.group = context.cgroups?.find(id) ?? null
  return { run, process: process as RuntimeProcess }
}

/** What stands in front of commands that are to run beside a container. */
export const besideIn = (runtime: OciRuntime, id: string) => ({
  beside: runtime.enter(id, { terminal: false }),
  besideInTerminal: runtime.enter(id, { terminal: true }),
})

/** The container's command and arguments, with the image's where it names none. */
function commandLine(container: Container, image: RunnableImage, env: Readonly<Record<string, string>>): string[] {
  const { Entrypoint, Cmd } = image.config
  const command = container.command?.length ? container.command : (Entrypoint ?? [])
  // The image's arguments belong to its own entrypoint alone.
  const given = container.args?.length ? container.args : container.command?.length ? [] : (Cmd ?? [])
  const line = [...command, ...given].map((part) => expand(part, env))
  if (line.length === 0) throw new ContainerStartError('no command specified')
  return line
}

/** What Slipway built has no rights at all; its builder writes into a root of its own, whatever real nodes give it for that. */
function rightsOf(pod: Pod, container: Container, { root }: RunnableImage): Security {
  const isOurs = root === 'native' || root === 'builder'
  const security = securityOf(securityContext(pod, container), isOurs ? 'none' : 'default')
  return root === 'builder' ? { ...security, readOnlyRoot: false } : security
}

/** Programs of the catalogue begin as root, as the images that they stand for; what Slipway built never does. */
function userOf({ root, config }: RunnableImage): string {
  if (root === 'program' || root === 'machine') return '0:0'
  return config.User || (root === undefined ? '' : `${APP_USER}:${APP_USER}`)
}

/** Where the machine's own files are part of the root, nothing of Slipway's own images is the machine's root. */
function identityIn(pod: Pod, container: Container, image: RunnableImage): Identity {
  const identity = identityOf(pod, container, userOf(image), image.root === undefined ? image.rootDir : '/')
  const isOurs = image.root === 'native' || image.root === 'builder'
  return isOurs && identity.uid === 0 ? { uid: APP_USER, gid: APP_USER, groups: [APP_USER] } : identity
}

/** What of the machine is part of the container's root. */
function rootOf(
  context: NodeContext,
  image: RunnableImage,
  run: Run,
  { identity, container, env }: { identity: Identity; container: Container; env: Readonly<Record<string, string>> },
): MachineRoot {
  if (image.root === undefined) return { trees: [], mounts: [] }
  const places = [...context.machinePlaces, ...(image.places ?? [])]
  const { trees, mounts } = machineRoot(bundleFiles(run.dir).upper, identity, places)
  const open = image.root === 'machine' ? context.hostDirs.map((dir) => mountOf(dir, dir, false)) : []
  const cache = image.root === 'builder' ? [cacheMount(context, identity, container, env)] : []
  return { trees, mounts: [...mounts, ...open, ...cache] }
}

/** The build's app has a cache of its own; those of others are not there. */
function cacheMount(
  context: NodeContext,
  { uid, gid }: Identity,
  container: Container,
  env: Readonly<Record<string, string>>,
): Mount {
  const key = /^[a-z0-9][a-z0-9._-]{0,127}$/i.exec(env.CACHE_KEY ?? '')?.[0] ?? container.name
  const dir = join(context.cacheDir, 'apps', `${uid}`, key)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chownSync(dir, uid, gid)
  return mountOf(dir, join(BUILD_CACHE, key), false)
}

/** Files that every container has: where its last words are expected, names of hosts, and the machine's resolvers. */
function ownFiles(context: NodeContext, pod: Pod, container: Container, run: Run, mounts: readonly Mount[]): Mount[] {
  const lastWords = processFiles(run.dir).terminationLog
  // Whoever the container runs as; the directory is root's alone.
  chmodSync(lastWords, 0o666)
  const hostname = join(run.dir, 'hostname')
  writeFileSync(hostname, `${pod.spec.hostname ?? pod.metadata.name}\n`)
  const hosts = context.services?.hostsFile(pod.metadata.namespace ?? '') ?? '/etc/hosts'
  const own = [
    mountOf(lastWords, container.terminationMessagePath ?? '/dev/termination-log', false),
    mountOf(hostname, '/etc/hostname', true),
    mountOf(realpathSync(hosts), '/etc/hosts', true),
    ...(existsSync('/etc/resolv.conf') ? [mountOf(realpathSync('/etc/resolv.conf'), '/etc/resolv.conf', true)] : []),
  ]
  // What the pod itself mounts there is what it wants.
  return own.filter(
    ({ target }) => !mounts.some((mount) => mount.target === target || mount.target === dirname(target)),
  )
}

const mountOf = (source: string, target: string, readOnly: boolean): Mount => ({
  name: '',
  source,
  target,
  readOnly,
  isFile: false,
})

/** In containerd's words. */
function startError(why: string): ContainerStartError {
  return new ContainerStartError(
    why.replace(/^.*unable to start container process: /s, '') || 'the OCI runtime ended at once',
  )
}
