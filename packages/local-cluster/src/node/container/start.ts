import { mkdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { Container, Pod } from '../../controllers/objects.ts'
import { quantityOf } from '../../schema/quantity.ts'
import type { Limits } from '../cgroups/cgroups.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { RunnableImage } from '../options.ts'
import { ensurePorts } from '../pod/pod-ports.ts'
import { attemptDir, type ContainerRecord, containerRecord, type PodRecord, type Run } from '../pod/state.ts'
import { volumeVariables } from '../pod/volumes.ts'
import { startProbes } from '../probes/worker.ts'
import type { RunningProcess } from '../process/container-process.ts'
import { processFiles } from '../process/paths.ts'
import { startProcess } from '../process/start.ts'
import { startSimulated } from '../simulated/start.ts'
import { containerMounts, type Mount } from '../volumes/provide.ts'
import { ContainerStartError, containerCommand, insideImage, searchPath } from './command.ts'
import { ContainerConfigError, specEnvironment } from './environment.ts'
import { runHandler } from './handlers.ts'
import { ensureImage, isBuilder } from './image.ts'
import { dataVariable, exposedPorts, imageVolumes } from './image-config.ts'
import { describeExit, groupId, newRun, nextAttempt, openLog } from './run.ts'
import { stopContainer } from './stop.ts'

/** Until the next look at a container that could not be started. */
const START_RETRY_MS = 1_000
/** Pauses between looks for a missing Secret or ConfigMap. */
const CONFIG_RETRY = { baseMs: 1_000, maxMs: 10_000 }

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
  const env = await environment(context, pod, record, container, known, { image, ports: mapped })
  if (env === null) return
  known.configFailures = 0
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Created', message: 'Container created' })
  const attempt = nextAttempt(pod, container, known)
  env.TERMINATION_LOG = processFiles(attemptDir(record, container.name, attempt)).terminationLog
  const base = { attempt, image: container.image, imageDigest: image.digest, env }
  try {
    const own = imageVolumes(container, image, attemptDir(record, container.name, attempt))
    const mounts = [...containerMounts(record, container, env), ...own]
    const sandboxed = context.sandbox !== null
    Object.assign(env, dataVariable(image, mounts, sandboxed))
    const command = containerCommand(container, image, env, env.PATH ?? '', { mounts, sandboxed })
    const { program, workingDir } = command
    const run = newRun(context, record, known, { ...base, program, workingDir, sandboxed })
    for (const { source } of own) mkdirSync(source, { recursive: true, mode: 0o755 })
    const output = openLog(context, run)
    const sandbox = context.sandbox?.prepare({
      dir: run.dir,
      imageRoot: image.rootDir,
      mounts: [...mounts, ...ownMounts(context, pod, container, run, mounts)],
      workingDir,
    })
    run.group = context.cgroups?.create(groupId(run), limitsOf(container)) ?? null
    const enter = run.group?.enter ?? []
    run.process = await startProcess({ dir: run.dir, ...command, env, output, enter, ...(sandbox && { sandbox }) })
    run.beside = [...enter, ...(context.sandbox?.enter(run.process.shimPid, workingDir) ?? [])]
    await started(context, pod, record, container, { run, process: run.process })
  } catch (error) {
    await startFailed(context, pod, record, container, { known, base, error })
  }
}

/** Notes the start of a container, and begins to watch and probe it. */
export async function started(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  { run, process }: { run: Run; process: RunningProcess },
): Promise<void> {
  const known = containerRecord(record, container.name)
  run.startedAtMs = context.now()
  known.waiting = null
  context.counters.startedContainers += 1
  watchProcess(context, record, container, { run, process })
  known.probes = startProbes(context, pod, container, run, { started: false, ready: false })
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Started', message: 'Container started' })
  if (container.lifecycle?.postStart !== undefined) void postStart(context, pod, container, run)
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

/** Notes the end of a container that was started or adopted. */
export function watchProcess(
  context: NodeContext,
  record: PodRecord,
  container: Container,
  { run, process }: { run: Run; process: RunningProcess },
): void {
  void process.exited
    .then((exit) => {
      run.log?.close()
      // The kernel may have killed a child alone: the container ended for its memory only when its program was killed.
      if (exit.exitCode === 137 && run.group?.outOfMemory() === true) {
        run.outOfMemory = true
        context.counters.oomKills += 1
      }
      run.group?.remove()
      return describeExit(container, run, exit)
    })
    .then((exit) => {
      run.exit = exit
      run.process = null
      const known = record.containers.get(container.name)
      if (known?.runs.at(-1) === run) known.probes?.stop()
    })
    .catch((error: unknown) => context.log.warn('the end of a container could not be noted', { error: String(error) }))
    .finally(() => context.enqueue(record.uid))
}

async function postStart(context: NodeContext, pod: Pod, container: Container, run: Run): Promise<void> {
  const seconds = pod.spec.terminationGracePeriodSeconds ?? 30
  const result = await runHandler(pod, run, container.lifecycle?.postStart ?? {}, seconds * 1000)
  if (result.ok || run.exit !== null) return
  const message = `PostStartHook failed: ${result.message}`
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'FailedPostStartHook', message })
  await stopContainer(context, pod, container, run, { graceMs: seconds * 1000, message: 'FailedPostStartHook' })
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
  const exitCode = error instanceof ContainerStartError ? error.exitCode : 128
  run.exit = { exitCode, finishedAtMs: context.now(), reason: 'StartError', message }
  known.waiting = { reason: 'RunContainerError', message }
  await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message: `Error: ${message}` })
  context.enqueue(record.uid, Math.min(START_RETRY_MS, context.crashBackoff.baseMs / 2))
}

/** What the container's spec wants in its environment. Null, said in its waiting state, when that lacks something. */
export async function reportMissingConfig(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  known: ContainerRecord,
): Promise<Record<string, string> | null> {
  try {
    return await specEnvironment(context, pod, container)
  } catch (error) {
    if (!(error instanceof ContainerConfigError)) throw error
    known.waiting = { reason: 'CreateContainerConfigError', message: error.message }
    const message = `Error: ${error.message}`
    await recordEvent(context, pod, container, { type: 'Warning', reason: 'Failed', message })
    known.configFailures += 1
    const delayMs = Math.min(CONFIG_RETRY.baseMs * 2 ** Math.min(known.configFailures - 1, 10), CONFIG_RETRY.maxMs)
    context.enqueue(record.uid, delayMs)
    return null
  }
}

/** Everything the program is to see, or null when its configuration lacks something. */
async function environment(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  container: Container,
  known: ContainerRecord,
  { image, ports }: { image: RunnableImage; ports: Readonly<Record<string, number>> },
): Promise<Record<string, string> | null> {
  const wanted = await reportMissingConfig(context, pod, record, container, known)
  if (wanted === null) return null
  const fromImage = Object.fromEntries((image.config.Env ?? []).map(splitVariable))
  const services = (await context.services?.variables(pod)) ?? {}
  const own = { ...ownEnvironment(record, container, pod), ...volumeVariables(context, record), ...services }
  const env: Record<string, string> = { ...own, ...fromImage, ...wanted }
  env.PATH = searchPath(image, wanted.PATH ?? fromImage.PATH, context.hostPath)
  const home = fromImage.HOME
  if (home !== undefined && wanted.HOME === undefined && isAbsolute(home)) env.HOME = insideImage(image.rootDir, home)
  Object.assign(env, builderEnvironment(context, container), portVariable(container, image, env, ports))
  return env
}

/** Directories that belong to the pod, and nothing of the environment that the cluster itself runs in. */
function ownEnvironment(record: PodRecord, container: Container, pod: Pod): Record<string, string> {
  const home = join(record.dir, 'home')
  const tmp = join(record.dir, 'tmp', container.name)
  for (const dir of [home, tmp]) mkdirSync(dir, { recursive: true, mode: 0o700 })
  return { HOME: home, TMPDIR: tmp, HOSTNAME: pod.metadata.name, LANG: 'C.UTF-8' }
}

function builderEnvironment(context: NodeContext, container: Container): Record<string, string> {
  if (!isBuilder(container.image)) return {}
  mkdirSync(context.cacheDir, { recursive: true, mode: 0o700 })
  return { ...context.builderEnv, SLIPWAY_BUILD_CACHE_DIR: context.cacheDir }
}

/** `PORT` says where to listen: the host port of the declared port it names, or of the first one when it is not set. */
function portVariable(
  container: Container,
  image: RunnableImage,
  env: Readonly<Record<string, string>>,
  ports: Readonly<Record<string, number>>,
): Record<string, string> {
  const named = (container.ports ?? []).map((port) => port.containerPort)
  const declared = [...named, ...exposedPorts(container, image)].map(String)
  const wanted = env.PORT ?? declared[0]
  const mapped = wanted !== undefined && declared.includes(wanted) ? ports[wanted] : undefined
  return mapped === undefined ? {} : { PORT: String(mapped) }
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
