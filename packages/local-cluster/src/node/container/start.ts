import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Container, Pod } from '../../controllers/objects.ts'
import { quantityOf } from '../../schema/quantity.ts'
import type { Limits } from '../cgroups/cgroups.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { hasNodeNetwork } from '../pod/address.ts'
import { ensurePorts } from '../pod/pod-ports.ts'
import { attemptDir, type ContainerRecord, containerRecord, type PodRecord, type Run } from '../pod/state.ts'
import { processFiles } from '../process/paths.ts'
import { startProcess } from '../process/start.ts'
import { startSimulated } from '../simulated/start.ts'
import type { Mount } from '../volumes/mounts.ts'
import { MountError } from '../volumes/payload.ts'
import { containerMounts } from '../volumes/provide.ts'
import { ContainerStartError, containerCommand } from './command.ts'
import { containerEnvironment, reportConfigError } from './container-environment.ts'
import { ensureImage } from './image.ts'
import { dataVariable, exposedPorts, imageVolumes } from './image-config.ts'
import { groupId, newRun, nextAttempt, openLog } from './run.ts'
import { started } from './started.ts'
import { inTerminal } from './terminal.ts'

/** Until the next look at a container that could not be started. */
const START_RETRY_MS = 1_000

/** Starts the container's next attempt, or says in its waiting state why not. Never throws for the container's own faults. */
export async function startContainer(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  ports: Readonly<Record<string, number>>,
): Promise<void> {
  if (context.simulation !== null) return startSimulated(context, context.simulation, pod, record, container)
  const known = containerRecord(record, container.name)
  const image = await ensureImage(context, pod, container, known)
  if (image === null) return
  const exposed = exposedPorts(container, image)
  const mapped = exposed.length === 0 ? ports : await ensurePorts(context, pod, record, exposed)
  const env = await containerEnvironment(context, pod, record, container, known, { image, ports: mapped })
  if (env === null) return
  const declared = await declaredMounts(context, pod, record, container, { known, env })
  if (declared === null) return
  known.configFailures = 0
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Created', message: 'Container created' })
  const attempt = nextAttempt(pod, container, known)
  env.TERMINATION_LOG = processFiles(attemptDir(record, container.name, attempt)).terminationLog
  const base = { attempt, image: container.image, imageDigest: image.digest, env }
  try {
    const own = imageVolumes(container, image, attemptDir(record, container.name, attempt))
    const mounts = [...declared, ...own]
    const sandboxed = context.sandbox !== null
    Object.assign(env, dataVariable(image, mounts, sandboxed))
    const plain = containerCommand(container, image, env, env.PATH ?? '', { mounts, sandboxed })
    const { program, workingDir } = plain
    const run = newRun(context, record, known, { ...base, program, workingDir, sandboxed })
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
    const moved = (await context.network?.prepare(groupId(run), run.group, { address, ports: mapped })) ?? []
    const enter = [...moved, ...(run.group?.enter ?? [])]
    const command = container.tty === true ? inTerminal(plain, env) : plain
    const stdin = container.stdin === true || container.tty === true
    run.process = await startProcess({
      dir: run.dir,
      ...command,
      env,
      output,
      enter,
      stdin,
      ...(sandbox && { sandbox }),
    })
    run.beside = [...enter, ...(context.sandbox?.enter(run.process.shimPid, workingDir) ?? [])]
    await started(context, pod, record, container, { run, process: run.process })
  } catch (error) {
    await startFailed(context, pod, record, container, { known, base, error })
  }
}

/** What the container mounts, or null, said in its waiting state, where a `subPath` cannot be had. */
async function declaredMounts(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  { known, env }: { known: ContainerRecord; env: Readonly<Record<string, string>> },
): Promise<Mount[] | null> {
  try {
    return containerMounts(record, container, env)
  } catch (error) {
    if (!(error instanceof MountError)) throw error
    await reportConfigError(context, pod, container, known, error.message)
    return null
  }
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

/** A program that cannot be run counts as an attempt that ended at once, as with containerd. */
async function startFailed(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  failed: {
    known: ContainerRecord
    base: Omit<Run['meta'], 'id' | 'createdAtMs' | 'program' | 'workingDir'>
    error: unknown
  },
): Promise<void> {
  const { known, base, error } = failed
  const message = error instanceof Error ? error.message : String(error)
  const present = known.runs.at(-1)
  const run =
    present?.meta.attempt === base.attempt
      ? present
      : newRun(context, record, known, { ...base, program: '', workingDir: '/' })
  run.log?.close()
  run.group?.remove()
  context.network?.remove(groupId(run))
  const exitCode = error instanceof ContainerStartError ? error.exitCode : 128
  run.exit = { exitCode, finishedAtMs: context.now(), reason: 'StartError', message }
  known.waiting = { reason: 'RunContainerError', message }
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
  context.enqueue(record.uid, Math.min(START_RETRY_MS, context.crashBackoff.baseMs / 2))
}
