import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Container, Handler } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import { type ContainerRecord, containerRecord, type PodRecord, type Run } from '../pod/state.ts'
import { startProbes } from '../probes/worker.ts'
import type { RunningProcess } from '../process/container-process.ts'
import { bundleFiles } from '../runtime/runtime.ts'
import { NO_LIMIT_MS, runHook } from './hooks.ts'
import { describeExit, groupId } from './run.ts'
import { stopContainer } from './stop.ts'

/**
 * An end is noticed this long after the start at the earliest, so that everybody has seen the container run. The kubelet shows that,
 * too: it looks for ends once a second. Reference: PodLifecycleEventGenerator of pkg/kubelet/pleg.
 */
const RUNNING_SHOWN_MS = 250

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
  const hook = context.simulation === null ? container.lifecycle?.postStart : undefined
  run.starting = hook !== undefined
  if (hook === undefined) known.probes = startProbes(context, pod, container, run, { started: false, ready: false })
  else known.probes = null
  await recordEvent(context, pod, container, { type: 'Normal', reason: 'Started', message: 'Container started' })
  if (hook !== undefined) void postStart(context, pod, container, { known, run, hook })
}

/** Notes the end of a container that was started or adopted. */
export function watchProcess(
  context: NodeContext,
  record: PodRecord,
  container: Container,
  { run, process }: { run: Run; process: RunningProcess },
): void {
  void process.exited
    .then(async (exit) => {
      run.log?.close()
      // The kernel may have killed a child alone: the container ended for its memory only when its program was killed.
      if (exit.exitCode === 137 && run.group?.outOfMemory() === true) {
        run.outOfMemory = true
        context.counters.oomKills += 1
      }
      if (run.meta.inRuntime === true) {
        await context.runtime?.remove(groupId(run))
        // Its environment stands in it; only a container that runs needs it, for exec.
        rmSync(bundleFiles(run.dir).config, { force: true })
      }
      run.group?.remove()
      context.network?.remove(groupId(run))
      return describeExit(container, run, exit)
    })
    .then(async (exit) => {
      const earlyMs = run.dir === '' ? 0 : (run.startedAtMs ?? 0) + RUNNING_SHOWN_MS - context.now()
      if (earlyMs > 0) await sleep(earlyMs)
      return exit
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

/**
 * A container counts as started when its hook has ended, and is killed when that failed.
 * Reference: startContainer of pkg/kubelet/kuberuntime/kuberuntime_container.go.
 */
async function postStart(
  context: NodeContext,
  pod: Pod,
  container: Container,
  { known, run, hook }: { known: ContainerRecord; run: Run; hook: Handler },
): Promise<void> {
  const result = await runHook(pod, container, run, hook, NO_LIMIT_MS)
  if (!result.ok && run.process !== null && run.stopping === null) {
    // Nothing of what it said: that may be secret.
    const event = { type: 'Warning' as const, reason: 'FailedPostStartHook', message: 'PostStartHook failed' }
    await recordEvent(context, pod, container, event)
    known.waiting = { reason: 'PostStartHookError', message: result.message }
    const seconds = pod.spec.terminationGracePeriodSeconds ?? 30
    await stopContainer(context, pod, container, run, { graceMs: seconds * 1000, message: 'FailedPostStartHook' })
  }
  run.starting = false
  if (result.ok && run.process !== null) {
    known.probes = startProbes(context, pod, container, run, { started: false, ready: false })
  }
  context.enqueue(pod.metadata.uid ?? '')
}
