import type { Pod } from '../types/pod.ts'
import { quantityOf } from '../types/quantity.ts'
import { Pods } from '../types/resources.ts'
import type { NodeContext } from './context.ts'
import { allContainers, currentRun, type PodRecord } from './pod/state.ts'
import { type HostProcess, listProcesses, memoryBytes } from './process/proc.ts'

/** How often memory is compared with its limit. What grows faster than the machine's memory in this time is the kernel's. */
const PERIOD_MS = 2_000

/**
 * Holds containers to their memory limit as far as that is possible without cgroups: by looking from time to time, and
 * killing what is over (OOMKilled, exit code 137). Returns the function that ends it.
 */
export function watchMemory(context: NodeContext): () => void {
  let timer: NodeJS.Timeout
  const look = async () => {
    try {
      await enforceLimits(context)
    } catch (error) {
      context.log.warn('memory of containers could not be read', { error: String(error) })
    }
    timer = setTimeout(look, PERIOD_MS).unref()
  }
  timer = setTimeout(look, PERIOD_MS).unref()
  return () => clearTimeout(timer)
}

async function enforceLimits(context: NodeContext): Promise<void> {
  const running = [...context.pods.values()].filter((record) =>
    [...record.containers.values()].some((known) => currentRun(known)?.process),
  )
  if (running.length === 0) return
  const processes = await listProcesses()
  for (const record of running) await enforcePod(context, record, processes)
}

async function enforcePod(context: NodeContext, record: PodRecord, processes: readonly HostProcess[]): Promise<void> {
  const pod = await context.api.get<Pod>(Pods, { namespace: record.namespace, name: record.name })
  if (pod === null || pod.metadata.uid !== record.uid) return
  for (const container of allContainers(pod)) {
    const limit = container.resources?.limits?.memory
    const run = currentRun(record.containers.get(container.name))
    // Where the container has a control group, the kernel does this.
    if (limit === undefined || !run?.process || run.group !== null) continue
    const limitBytes = Number(quantityOf(limit).nano / 1_000_000_000n)
    const pids = run.process.membersAmong(processes)
    // Resident memory counts shared pages for each process; the slow exact figure decides.
    if ((await memoryBytes(pids, 'resident')) <= limitBytes) continue
    if ((await memoryBytes(pids, 'proportional')) <= limitBytes) continue
    context.counters.oomKills += 1
    run.outOfMemory = true
    context.log.info('container is over its memory limit', { pod: record.name, container: container.name, limitBytes })
    await run.process.kill()
  }
}
