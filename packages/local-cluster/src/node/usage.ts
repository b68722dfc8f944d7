import { readFileSync } from 'node:fs'
import { cpus, freemem, totalmem } from 'node:os'
import type { ContainerUsage, NodeUsage, Usage } from '../types/client.ts'
import type { Pod } from '../types/pod.ts'
import { quantityOf } from '../types/quantity.ts'
import { Pods } from '../types/resources.ts'
import type { NodeContext } from './context.ts'
import { allContainers, currentRun, type PodRecord, type Run } from './pod/state.ts'
import { cpuSeconds, type HostProcess, listProcesses, memoryBytes } from './process/proc.ts'

/** As often as metrics-server looks. */
const PERIOD_MS = 15_000
/** A rate over less than this says little. */
const LEAST_WINDOW_MS = 1_000

/** Measures what containers and the machine use. */
export interface UsageMeter {
  /** The last measurement; a new one where that is old. */
  read(): Promise<NodeUsage>
  stop(): void
}

interface Sample {
  atMs: number
  machineCpuSeconds: number
  /** CPU seconds so far, by container id. */
  containers: Map<string, number>
}

/** Starts to measure. Rates are over the time since the measurement before, or since a container's start. */
export function startUsage(context: NodeContext): UsageMeter {
  let before: Sample | null = null
  let last: NodeUsage | null = null
  let running: Promise<NodeUsage> | null = null
  const measureOnce = () => {
    running ??= measure(context, before)
      .then(({ usage, sample }) => {
        before = sample
        last = usage
        return usage
      })
      .finally(() => {
        running = null
      })
    return running
  }
  const timer = setInterval(() => {
    measureOnce().catch((error: unknown) => context.log.warn('usage could not be measured', { error: String(error) }))
  }, PERIOD_MS)
  timer.unref()
  return {
    async read() {
      if (last !== null && context.now() - last.timestampMs < LEAST_WINDOW_MS) return last
      return measureOnce()
    },
    stop: () => clearInterval(timer),
  }
}

async function measure(context: NodeContext, before: Sample | null): Promise<{ usage: NodeUsage; sample: Sample }> {
  const processes = context.simulation === null ? await listProcesses() : []
  const atMs = context.now()
  const sample: Sample = { atMs, machineCpuSeconds: machineCpuSeconds(), containers: new Map() }
  const pods: NodeUsage['pods'] = []
  for (const record of context.pods.values()) {
    const containers = await containersOf(context, record, { processes, before, sample })
    if (containers.length > 0) pods.push({ namespace: record.namespace, name: record.name, containers })
  }
  const windowMs = before === null ? PERIOD_MS : atMs - before.atMs
  const usedSeconds = before === null ? 0 : sample.machineCpuSeconds - before.machineCpuSeconds
  const node: Usage = {
    cpuNanoCores: windowMs === 0 ? 0 : (usedSeconds * 1e12) / windowMs,
    memoryBytes: totalmem() - availableBytes(),
  }
  return { usage: { nodeName: context.nodeName, timestampMs: atMs, windowMs, node, pods }, sample }
}

async function containersOf(
  context: NodeContext,
  record: PodRecord,
  known: { processes: readonly HostProcess[]; before: Sample | null; sample: Sample },
): Promise<ContainerUsage[]> {
  const used: ContainerUsage[] = []
  for (const [name, container] of record.containers) {
    const run = currentRun(container)
    if (run === undefined || run.process === null || run.exit !== null) continue
    if (context.simulation === null) used.push({ name, ...(await containerUsage(run, known)) })
  }
  return context.simulation === null ? used : simulatedUsage(context, record)
}

async function containerUsage(
  run: Run,
  { processes, before, sample }: { processes: readonly HostProcess[]; before: Sample | null; sample: Sample },
): Promise<Usage> {
  const pids = run.process?.membersAmong(processes) ?? []
  const seconds = await cpuSeconds(pids)
  const earlier = before?.containers.get(run.meta.id)
  sample.containers.set(run.meta.id, seconds)
  const since = earlier === undefined ? (run.startedAtMs ?? sample.atMs) : (before?.atMs ?? sample.atMs)
  const windowMs = Math.max(LEAST_WINDOW_MS, sample.atMs - since)
  return {
    // Of processes that ended meanwhile nothing may be known any more: never less than nothing.
    cpuNanoCores: (Math.max(0, seconds - (earlier ?? 0)) * 1e12) / windowMs,
    memoryBytes: run.group?.memoryBytes() || (await memoryBytes(pids, 'proportional')),
  }
}

/** Half of what a simulated container asks for. */
async function simulatedUsage(context: NodeContext, record: PodRecord): Promise<ContainerUsage[]> {
  const pod = await context.api.get<Pod>(Pods, { namespace: record.namespace, name: record.name })
  if (pod === null || pod.status?.phase !== 'Running') return []
  return allContainers(pod).map(({ name, resources }) => {
    const { cpu = '2m', memory = '2Mi' } = resources?.requests ?? {}
    return {
      name,
      cpuNanoCores: Number(quantityOf(cpu).nano) / 2,
      memoryBytes: Number(quantityOf(memory).nano / 1_000_000_000n) / 2,
    }
  })
}

function machineCpuSeconds(): number {
  const times = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq)
  return times.reduce((total, ms) => total + ms, 0) / 1000
}

/** What could be had without swapping; Node's free memory counts the cache as used. */
function availableBytes(): number {
  if (process.platform !== 'linux') return freemem()
  const text = readFileSync('/proc/meminfo', 'latin1')
  return Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024 || freemem()
}
