import type { Container, Probe } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import type { HandlerResult } from '../container/handler-result.ts'
import { runHandler } from '../container/handlers.ts'
import { stopContainer } from '../container/stop.ts'
import { type NodeContext, recordEvent } from '../context.ts'
import type { Simulation } from '../options.ts'
import type { ProbeResults, Run } from '../pod/state.ts'
import { simulated } from '../simulated/simulation.ts'

type Kind = 'startup' | 'readiness' | 'liveness'
const TITLES: Record<Kind, string> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' }
const DEFAULT_GRACE_SECONDS = 30
/** A container's port is tried this often, uncounted, between the startup probes of its first seconds. */
const TRY_MS = 50
const YOUNG_MS = 3_000

interface Worker {
  context: NodeContext
  pod: Pod
  container: Container
  run: Run
  results: ProbeResults
  timers: Set<NodeJS.Timeout>
  stopped: boolean
}

/**
 * Probes a container until it ends or `stop` is called. `initial` is what is known of a container that was adopted.
 * Reference: pkg/kubelet/prober/worker.go.
 */
export function startProbes(
  context: NodeContext,
  pod: Pod,
  container: Container,
  run: Run,
  initial: { started: boolean; ready: boolean },
): ProbeResults {
  const results: ProbeResults = {
    started: initial.started || container.startupProbe === undefined,
    ready: initial.ready || container.readinessProbe === undefined,
    stop: () => {
      worker.stopped = true
      for (const timer of worker.timers) clearTimeout(timer)
    },
  }
  const worker: Worker = { context, pod, container, run, results, timers: new Set(), stopped: false }
  if (context.simulation !== null) simulateProbes(worker, context.simulation)
  else if (results.started) startAfterStartup(worker)
  else if (container.startupProbe !== undefined) probeLoop(worker, 'startup', container.startupProbe)
  return results
}

/** Probes of a container that is no process pass, as soon as they can. */
function simulateProbes(worker: Worker, simulation: Simulation): void {
  const { startupProbe, readinessProbe } = worker.container
  const pass = (probe: Probe | undefined, then: () => void) => {
    if (probe === undefined) return then()
    const seconds = (probe.initialDelaySeconds ?? 0) + ((probe.successThreshold ?? 1) - 1) * (probe.periodSeconds ?? 10)
    const timer = setTimeout(
      () => {
        worker.timers.delete(timer)
        then()
        worker.context.enqueue(worker.pod.metadata.uid ?? '')
      },
      simulated(simulation, seconds * 1000),
    ).unref()
    worker.timers.add(timer)
  }
  pass(startupProbe, () => {
    worker.results.started = true
    pass(readinessProbe, () => {
      worker.results.ready = true
    })
  })
}

/** The other probes wait until the container has started. */
function startAfterStartup(worker: Worker): void {
  const { readinessProbe, livenessProbe } = worker.container
  if (readinessProbe !== undefined) probeLoop(worker, 'readiness', readinessProbe)
  if (livenessProbe !== undefined) probeLoop(worker, 'liveness', livenessProbe)
}

function probeLoop(worker: Worker, kind: Kind, probe: Probe): void {
  const streak = { ok: true, length: 0 }
  const now = () => worker.context.now()
  const ageMs = () => now() - (worker.run.startedAtMs ?? 0)
  const isTried = () => kind === 'startup' && probe.tcpSocket !== undefined && ageMs() < YOUNG_MS
  const round = async () => {
    const go = await probeOnce(worker, kind, probe, streak)
    if (go && !worker.stopped) wait(now() + (probe.periodSeconds ?? 10) * 1000)
  }
  const wait = (dueMs: number) => {
    const leftMs = dueMs - now()
    later(() => next(dueMs), isTried() ? Math.min(leftMs, TRY_MS) : leftMs)
  }
  const next = async (dueMs: number) => {
    const isDue = now() >= dueMs || !isTried() || (await runProbe(worker, probe)).ok
    if (worker.stopped) return
    if (isDue) await round()
    else wait(dueMs)
  }
  const later = (then: () => Promise<void>, ms: number) => {
    const timer = setTimeout(() => {
      worker.timers.delete(timer)
      void then()
    }, ms)
    worker.timers.add(timer)
  }
  later(round, Math.max(0, (probe.initialDelaySeconds ?? 0) * 1000 - ageMs()))
}

async function runProbe({ context, pod, run }: Worker, probe: Probe): Promise<HandlerResult> {
  context.counters.probeRuns += 1
  // Its ports may have been chosen after the probes began.
  const current = (await context.latestPod(pod)) ?? pod
  return runHandler(current, run, probe, (probe.timeoutSeconds ?? 1) * 1000)
}

/** One probe; false when its loop is over. */
async function probeOnce(
  worker: Worker,
  kind: Kind,
  probe: Probe,
  streak: { ok: boolean; length: number },
): Promise<boolean> {
  const { context, pod, container, run } = worker
  const result = await runProbe(worker, probe)
  if (worker.stopped || run.exit !== null) return false
  if (!result.ok) {
    const what = result.unknown === true ? 'errored and resulted in unknown state' : 'failed'
    const message = `${TITLES[kind]} probe ${what}: ${result.message}`
    await recordEvent(context, pod, container, { type: 'Warning', reason: 'Unhealthy', message })
  }
  if (result.unknown === true) return !worker.stopped
  streak.length = streak.ok === result.ok ? streak.length + 1 : 1
  streak.ok = result.ok
  const threshold = result.ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  if (streak.length < threshold || worker.stopped) return !worker.stopped
  return apply(worker, kind, probe, result.ok)
}

function apply(worker: Worker, kind: Kind, probe: Probe, ok: boolean): boolean {
  const { context, pod, results } = worker
  if (kind === 'readiness') {
    if (results.ready !== ok) {
      results.ready = ok
      context.enqueue(pod.metadata.uid ?? '')
    }
    return true
  }
  if (!ok) {
    void kill(worker, kind, probe)
    return false
  }
  if (kind === 'liveness') return true
  results.started = true
  context.enqueue(pod.metadata.uid ?? '')
  startAfterStartup(worker)
  return false
}

/** A container that failed its probe is ended; the pod's restart policy decides what follows. */
async function kill(worker: Worker, kind: Kind, probe: Probe): Promise<void> {
  const { context, pod, container, run } = worker
  if (run.stopping !== null) return
  worker.results.stop()
  run.replaced = true
  const seconds = probe.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS
  const message = `Container ${container.name} failed ${kind} probe, will be restarted`
  await stopContainer(context, pod, container, run, { graceMs: seconds * 1000, message })
}
