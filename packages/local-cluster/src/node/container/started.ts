import type { Container, Pod } from '../../controllers/objects.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { containerRecord, type PodRecord, type Run } from '../pod/state.ts'
import { startProbes } from '../probes/worker.ts'
import type { RunningProcess } from '../process/container-process.ts'
import { runHandler } from './handlers.ts'
import { describeExit, groupId } from './run.ts'
import { stopContainer } from './stop.ts'

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
      context.network?.remove(groupId(run))
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
