import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Container, Pod } from '../../controllers/objects.ts'
import { quantityOf } from '../../schema/quantity.ts'
import type { Limits } from '../cgroups/cgroups.ts'
import type { NodeContext } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import { hasNodeNetwork } from '../pod/address.ts'
import { attemptDir, type ContainerMeta, type ContainerRecord, type PodRecord, type Run } from '../pod/state.ts'
import type { ContainerProcess } from '../process/container-process.ts'
import { processFiles } from '../process/paths.ts'
import { startProcess } from '../process/start.ts'
import type { Mount } from '../volumes/mounts.ts'
import { containerCommand } from './command.ts'
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
  env.TERMINATION_LOG = processFiles(attempt).terminationLog
  const own = imageVolumes(container, image, attempt)
  const mounts = [...declared, ...own]
  const sandboxed = context.sandbox !== null
  Object.assign(env, dataVariable(image, mounts, sandboxed))
  const plain = containerCommand(container, image, env, env.PATH ?? '', { mounts, sandboxed })
  const { program, workingDir } = plain
  const run = newRun(context, record, known, { ...meta, program, workingDir, sandboxed })
  const missing = sandboxed ? missingDirectory(run, workingDir, mounts) : []
  for (const { source } of [...own, ...missing]) mkdirSync(source, { recursive: true, mode: 0o755 })
  const output = openLog(context, run)
  const sandbox = context.sandbox?.prepare({
    dir: run.dir,
    imageRoot: image.rootDir,
    mounts: [...mounts, ...missing, ...ownMounts(context, pod, container, run, mounts)],
    workingDir,
  })
  run.group = context.cgroups?.create(groupId(run), limitsOf(container)) ?? null
  const address = hasNodeNetwork(pod) ? null : record.ip
  const moved = (await context.network?.prepare(groupId(run), run.group, { address, ports })) ?? []
  const enter = [...moved, ...(run.group?.enter ?? [])]
  const command = container.tty === true ? inTerminal(plain, env) : plain
  const stdin = container.stdin === true || container.tty === true
  const process = await startProcess({
    dir: run.dir,
    ...command,
    env,
    output,
    enter,
    stdin,
    ...(sandbox && { sandbox }),
  })
  run.process = process
  run.beside = [...enter, ...(context.sandbox?.enter(process.shimPid, workingDir) ?? [])]
  return { run, process }
}

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
function ownMounts(context: NodeContext, pod: Pod, container: Container, run: Run, mounts: readonly Mount[]): Mount[] {
  const file = (source: string, target: string, readOnly: boolean) => ({
    name: '',
    source,
    target,
    readOnly,
    isFile: true,
  })
  const lastWords = container.terminationMessagePath ?? '/dev/termination-log'
  const own = [file(processFiles(run.dir).terminationLog, lastWords, false)]
  const hosts = context.services?.hostsFile(pod.metadata.namespace ?? '')
  if (hosts !== undefined) own.push(file(hosts, '/etc/hosts', true))
  // What the pod itself mounts there is what it wants.
  return own.filter(({ target }) => !mounts.some((mount) => mount.target === target))
}
