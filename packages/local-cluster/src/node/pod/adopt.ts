import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerStatus } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { mappedPorts } from '../../types/pod-ports.ts'
import { Pods } from '../../types/resources.ts'
import { absentAs } from '../../types/system-error.ts'
import { describeExit, groupId, openLog } from '../container/run.ts'
import { watchProcess } from '../container/started.ts'
import type { NodeContext } from '../context.ts'
import type { LogStream } from '../logs/writer.ts'
import { startProbes } from '../probes/worker.ts'
import { adoptProcess } from '../process/adopt.ts'
import { ContainerProcess } from '../process/container-process.ts'
import { processFiles } from '../process/paths.ts'
import { RuntimeProcess } from '../runtime/process.ts'
import { besideIn } from '../runtime/start.ts'
import { confinementOf } from '../sandbox/own.ts'
import { podAddress, routeToPod } from './address.ts'
import {
  allContainers,
  type ContainerMeta,
  containerRecord,
  isRunning,
  logFile,
  newAttempt,
  newPodRecord,
  type PodRecord,
  type Run,
} from './state.ts'

/**
 * Takes over the pods that an earlier process of the cluster left on disk: running containers go on, ended ones are known,
 * those whose object is gone are killed and removed.
 */
export async function adoptPods(context: NodeContext): Promise<void> {
  const { items } = await context.api.list<Pod>(Pods, { fieldSelector: `spec.nodeName=${context.nodeName}` })
  const pods = new Map(items.map((pod) => [pod.metadata.uid ?? '', pod]))
  for (const uid of await readdir(context.podsDir)) {
    const pod = pods.get(uid)
    const dir = join(context.podsDir, uid)
    if (pod === undefined) await killOrphan(context, dir)
    else await adoptPod(context, pod)
  }
}

async function adoptPod(context: NodeContext, pod: Pod): Promise<void> {
  const record = newPodRecord(context.podsDir, pod, context.now(), podAddress(context, pod))
  record.prepared = true
  context.pods.set(record.uid, record)
  context.ports.keep(record.uid, Object.values(mappedPorts(pod)))
  routeToPod(context, record, mappedPorts(pod))
  for (const container of allContainers(pod)) {
    const known = containerRecord(record, container.name)
    for (const attempt of await attempts(join(record.dir, 'containers', container.name))) {
      const run = await adoptRun(context, pod, record, container.name, attempt)
      if (run !== null) known.runs.push(run)
    }
    const run = known.runs.at(-1)
    if (run !== undefined && isRunning(known)) {
      const status = statusOf(pod, container.name)
      const same = status?.containerID === run.meta.id
      const initial = { started: same && status.started, ready: same && status.ready }
      known.probes = startProbes(context, pod, container, run, initial)
    }
  }
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === name)
}

/** The start that was reported of a container: it stays the same, to the second, however often the container is adopted. */
function reportedStartMs(pod: Pod, name: string, containerId: string): number | null {
  const status = statusOf(pod, name)
  const startedAt = status?.containerID === containerId ? status.state.running?.startedAt : undefined
  const ms = Date.parse(startedAt ?? '')
  return Number.isNaN(ms) ? null : ms
}

async function attempts(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch(absentAs<string[]>([]))
  return names
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
}

async function readMeta(dir: string): Promise<ContainerMeta | null> {
  try {
    // Written by this node, in a directory that is the owner's alone.
    return JSON.parse(await readFile(processFiles(dir).meta, 'utf8')) as ContainerMeta
  } catch {
    return null // The crash came before it was written whole: the attempt never began.
  }
}

async function adoptRun(
  context: NodeContext,
  pod: Pod,
  record: PodRecord,
  name: string,
  attempt: number,
): Promise<Run | null> {
  const dir = join(record.dir, 'containers', name, String(attempt))
  const meta = await readMeta(dir)
  if (meta === null) return discard(dir)
  const run = newAttempt({ meta, dir, logPath: logFile(record, name, attempt) })
  run.startedAtMs = reportedStartMs(pod, name, meta.id) ?? meta.createdAtMs
  const container = allContainers(pod).find((each) => each.name === name)
  if (container === undefined) return discard(dir)
  let output: ReturnType<typeof openLog> | null = null
  const write = (stream: LogStream, chunk: Buffer) => {
    output ??= openLog(context, run)
    output(stream, chunk)
  }
  const adopted = await adoptProcess(dir, write, meta.inRuntime === true ? RuntimeProcess : ContainerProcess)
  if (adopted.state === 'not started') return discard(dir)
  if (adopted.state === 'exited') {
    run.exit = await describeExit(container, run, adopted.exit)
    return run
  }
  output ??= openLog(context, run)
  run.process = adopted.process
  run.group = context.cgroups?.find(groupId(run)) ?? null
  const sandbox = meta.sandboxed === true ? context.sandbox : null
  const moved = context.network?.enter(groupId(run)) ?? []
  run.beside = [
    ...moved,
    ...(run.group?.enter ?? []),
    ...(sandbox?.enter(adopted.process.shimPid, meta.workingDir, confinementOf(meta)) ?? []),
  ]
  if (meta.inRuntime === true && context.runtime !== null) Object.assign(run, besideIn(context.runtime, groupId(run)))
  context.counters.adoptedContainers += 1
  watchProcess(context, record, container, { run, process: adopted.process })
  return run
}

async function discard(dir: string): Promise<null> {
  // A shim that is only now coming up finds its FIFOs gone, and ends.
  await rm(dir, { recursive: true, force: true })
  return null
}

/** Containers whose pod was deleted while nobody looked after them. */
async function killOrphan(context: NodeContext, dir: string): Promise<void> {
  const root = join(dir, 'containers')
  for (const name of await readdir(root).catch(absentAs<string[]>([]))) {
    for (const attempt of await attempts(join(root, name))) {
      const from = join(root, name, String(attempt))
      const inRuntime = (await readMeta(from))?.inRuntime === true
      const adopted = await adoptProcess(from, () => undefined, inRuntime ? RuntimeProcess : ContainerProcess)
      if (adopted.state !== 'running') continue
      await adopted.process.kill()
      await adopted.process.exited
    }
  }
  context.log.info('removed what a deleted pod left behind', { dir })
  await rm(dir, { recursive: true, force: true, maxRetries: 3 })
}
