import { chownSync, existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { quantityOf } from '../../types/quantity.ts'
import type { Limits } from '../cgroups/cgroups.ts'
import type { NodeContext } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import { hasNodeNetwork } from '../pod/address.ts'
import { attemptDir, type ContainerMeta, type ContainerRecord, type PodRecord, type Run } from '../pod/state.ts'
import type { ContainerProcess } from '../process/container-process.ts'
import { processFiles } from '../process/paths.ts'
import { startProcess } from '../process/start.ts'
import { writeAccounts } from '../runtime/machine-root.ts'
import { BUILD_CACHE } from '../runtime/start.ts'
import { type Confinement, IMAGE_GROUP } from '../sandbox/confinement.ts'
import { buildCache, confinementIn, openImage } from '../sandbox/own.ts'
import { type Mount, outerFirst } from '../volumes/mounts.ts'
import { containerCommand } from './command.ts'
import { isBuilder } from './image.ts'
import { dataVariable, imageVolumes } from './image-config.ts'
import { groupId, newRun, openLog } from './run.ts'
import { inTerminal } from './terminal.ts'

/** A container that is to be started, and what was found out about it. */
export interface ContainerStart {
  pod: Pod
  record: PodRecord
  container: Container
  known: ContainerRecord
  image: RunnableImage
  /** Completed by what the start itself decides. */
  env: Record<string, string>
  /** What the pod mounts. */
  declared: readonly Mount[]
  ports: Readonly<Record<string, number>>
  meta: Pick<ContainerMeta, 'attempt' | 'image' | 'imageDigest' | 'env'>
}

/** Starts the container's next attempt as a process of this machine. @throws ContainerStartError */
export async function startOnMachine(
  context: NodeContext,
  { pod, record, container, known, image, env, declared, ports, meta }: ContainerStart,
): Promise<{ run: Run; process: ContainerProcess }> {
  const attempt = attemptDir(record, container.name, meta.attempt)
  const own = imageVolumes(container, image, attempt)
  const mounts = [...declared, ...own]
  const sandboxed = context.sandbox !== null
  env.TERMINATION_LOG = sandboxed ? lastWords(container) : processFiles(attempt).terminationLog
  Object.assign(env, dataVariable(image, mounts, sandboxed))
  const plain = containerCommand(container, image, env, env.PATH ?? '', { mounts, sandboxed })
  const command = container.tty === true ? inTerminal(plain, env) : plain
  const { program, workingDir } = plain
  const { user } = record
  const confinement = confinementIn(context, pod, record, env)
  const run = newRun(context, record, known, {
    ...{ ...meta, program, workingDir, sandboxed },
    ...(confinement === null ? {} : { confined: { ownProcesses: confinement.ownProcesses } }),
    ...(user === null ? {} : { identity: { uid: user, gid: user, groups: [IMAGE_GROUP] } }),
  })
  const missing = sandboxed ? missingDirectory(run, workingDir, mounts) : []
  for (const { source } of [...own, ...missing]) mkdirSync(source, { recursive: true, mode: 0o755 })
  if (user !== null) {
    for (const place of [processFiles(run.dir).terminationLog, ...[...own, ...missing].map(({ source }) => source)]) {
      chownSync(place, user, user)
    }
    if (image.rootDir !== '/') await openImage(image.rootDir)
  }
  const output = openLog(context, run)
  const sandbox = context.sandbox?.prepare({
    dir: run.dir,
    imageRoot: image.rootDir,
    mounts: [...mounts, ...missing, ...ownMounts(context, pod, container, run, { mounts, record, confinement })].sort(
      outerFirst,
    ),
    workingDir,
    confinement,
    places: [record.dir, ...context.places, ...(image.places ?? [])],
  })
  run.group = context.cgroups?.create(groupId(run), limitsOf(container)) ?? null
  const address = hasNodeNetwork(pod) ? null : record.ip
  const moved = (await context.network?.prepare(groupId(run), run.group, { address, ports })) ?? []
  const enter = [...moved, ...(run.group?.enter ?? [])]
  const stdin = container.stdin === true || container.tty === true
  const process = await startProcess({
    dir: run.dir,
    ...command,
    env,
    output,
    enter,
    stdin,
    user,
    ...(sandbox && { sandbox }),
  })
  run.process = process
  run.beside = [...enter, ...(context.sandbox?.enter(process.shimPid, workingDir, confinement) ?? [])]
  return { run, process }
}

const lastWords = (container: Container) => container.terminationMessagePath ?? '/dev/termination-log'

/** A working directory that is nowhere is made, as runc does: an empty one that only the container sees. */
function missingDirectory(run: Run, workingDir: string, mounts: readonly Mount[]): Mount[] {
  const mounted = mounts.some(({ target }) => workingDir === target || workingDir.startsWith(`${target}/`))
  if (mounted || existsSync(workingDir)) return []
  return [{ name: '', source: join(run.dir, 'working-dir'), target: workingDir, readOnly: false, isFile: false }]
}

function limitsOf(container: Container): Limits {
  const { cpu, memory } = container.resources?.limits ?? {}
  return {
    memoryBytes: memory === undefined ? null : Number(quantityOf(memory).nano / 1_000_000_000n),
    cpuMillis: cpu === undefined ? null : Number(quantityOf(cpu).nano / 1_000_000n),
  }
}

/** Files that every container has: where its last words are expected, and the names of Services. */
function ownMounts(
  context: NodeContext,
  pod: Pod,
  container: Container,
  run: Run,
  { mounts, record, confinement }: { mounts: readonly Mount[]; record: PodRecord; confinement: Confinement | null },
): Mount[] {
  const file = (source: string, target: string, readOnly: boolean) => ({
    name: '',
    source,
    target,
    readOnly,
    isFile: true,
  })
  const own = [file(processFiles(run.dir).terminationLog, lastWords(container), false)]
  const hosts = context.services?.hostsFile(pod.metadata.namespace ?? '')
  if (hosts !== undefined) own.push(file(hosts, '/etc/hosts', true))
  if (confinement !== null) {
    own.push({ ...file(join(record.dir, 'tmp', container.name), '/tmp', false), isFile: false })
    if (isBuilder(container.image)) {
      const cache = buildCache(context, confinement.env.CACHE_KEY)
      mkdirSync(cache, { recursive: true, mode: 0o700 })
      own.push({ ...file(cache, join(BUILD_CACHE, basename(cache)), false), isFile: false })
    }
    const { user } = confinement
    if (user !== null) {
      writeAccounts(run.dir, { uid: user, gid: user }, join(record.dir, 'home'))
      own.push(...['passwd', 'group'].map((name) => file(join(run.dir, name), join('/etc', name), true)))
    }
  }
  // What the pod itself mounts there is what it wants.
  return own.filter(({ target }) => !mounts.some((mount) => mount.target === target))
}
