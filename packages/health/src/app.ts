import type { Health } from '@slipway/domain'
import { STABLE_MS } from './container.ts'
import { timeMs } from './context.ts'
import { asClause, count, type Finding, healthOf, worst } from './finding.ts'
import { readyGraceMs } from './health-check.ts'
import { instancesOf } from './instances.ts'
import { nextStepMs, startLimitMs } from './listening.ts'
import type { AppObjects, WantedApp } from './objects.ts'
import { type ObservedProcess, observe } from './process.ts'
import { repairsOf } from './repairs.ts'
import type { AppHealth, Why } from './result.ts'
import { rolloutOf } from './rollout.ts'
import { meanwhile, readyByRelease, servingRelease } from './standing.ts'

/** Containers of which time alone changes what is said: when it does so next. */
function lookAgainInMs({ pods, nowMs }: AppObjects): number | null {
  const waits = pods.flatMap((pod) =>
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].flatMap((status) => {
      const startedMs = timeMs(status.state?.running?.startedAt)
      if (startedMs === null || (status.ready && status.restartCount === 0)) return []
      const spec = pod.spec?.containers.find(({ name }) => name === status.name)
      const limitMs = startLimitMs(spec)
      if (limitMs !== null && !status.ready && !status.started) return nextStepMs(nowMs - startedMs, limitMs) ?? []
      const leftMs = startedMs + (status.ready ? STABLE_MS : readyGraceMs(spec?.readinessProbe)) - nowMs
      return leftMs > 0 ? [leftMs] : []
    }),
  )
  return waits.length > 0 ? Math.min(...waits) : null
}

type Worst = { process: ObservedProcess; finding: Finding }

function worstOf(processes: readonly ObservedProcess[]): Worst | null {
  const running = processes.filter(({ wanted }) => wanted > 0)
  const finding = worst(running.map((process) => process.finding))
  const process = running.find((each) => each.finding === finding)
  return finding && process ? { process, finding } : null
}

/** The one sentence for the app: which release, how far, the cause, and what runs meanwhile. */
function sentence(
  release: number,
  { finding }: Worst,
  served: number | null,
  processes: readonly ObservedProcess[],
): string {
  const running = processes.filter(({ wanted }) => wanted > 0)
  const wanted = running.reduce((sum, each) => sum + each.wanted, 0)
  const ready = Math.min(
    wanted,
    running.reduce((sum, each) => sum + each.ready, 0),
  )
  const share = `${ready} of ${count(wanted, 'instance')}`
  switch (finding.status) {
    case 'Healthy':
      return `Running v${release} on ${share}.`
    case 'Suspended':
    case 'Missing':
    case 'Unknown':
      return finding.message
    case 'Progressing': {
      const trouble = finding.action ? ` ${finding.message}` : ''
      if (running.every(({ settled }) => settled)) return `Running v${release} on ${share}.${trouble}`
      return `Rolling out v${release}: ${share} ready.${trouble}${meanwhile(release, processes, 'until then')}`
    }
    case 'Degraded': {
      const cause = asClause(finding.message)
      const after = meanwhile(release, processes, 'still')
      if (served === release) return `v${release} runs on ${share}: ${cause}.${after}`
      return `v${release} is failing: ${cause}.${after}`
    }
  }
}

function whyOf(text: string, { process, finding }: Worst, wanted: WantedApp): Why | null {
  if (finding.status === 'Healthy' || finding.status === 'Suspended' || finding.action === null) return null
  return {
    sentence: text,
    cause: finding.cause,
    action: finding.action,
    reason: finding.reason,
    detail: finding.detail,
    repairs: repairsOf(finding, process, wanted),
    process: process.name,
    instance: finding.instance,
    log: finding.log,
  }
}

const NOTHING_DEPLOYED: Health = {
  status: 'Suspended',
  state: 'not_deployed',
  reason: 'NotDeployed',
  message: 'Nothing is deployed yet.',
  action: 'Push your code, or deploy an image.',
}

const SCALED_TO_ZERO: Health = {
  status: 'Suspended',
  state: 'scaled_to_zero',
  reason: 'ScaledToZero',
  message: 'Scaled to 0: nothing runs.',
  action: 'Scale a process to 1 or more to run it.',
}

function combined(
  objects: AppObjects,
  processes: readonly ObservedProcess[],
  served: number | null,
): { health: Health; why: Why | null } {
  const { release } = objects.wanted
  if (release === null) return { health: NOTHING_DEPLOYED, why: null }
  const found = worstOf(processes)
  if (!found) return { health: SCALED_TO_ZERO, why: null }
  const message = sentence(release, found, served, processes)
  return { health: { ...healthOf(found.finding), message }, why: whyOf(message, found, objects.wanted) }
}

/**
 * Health of an app: what people asked for against what the cluster shows, in one sentence with one action. Pure; the same
 * objects at the same time always give the same answer.
 */
export function appHealth(objects: AppObjects): AppHealth {
  const processes = observe(objects)
  const served = servingRelease(processes)
  const { release } = objects.wanted
  return {
    ...combined(objects, processes, served),
    servingRelease: served,
    instances: instancesOf(objects),
    processes: processes.map((process) => ({
      name: process.name,
      kind: process.kind,
      wanted: process.wanted,
      ready: process.ready,
      others: readyByRelease(process).filter(({ release }) => release !== objects.wanted.release),
      health: healthOf(process.finding),
    })),
    rollout: release === null ? null : rolloutOf(objects, release, processes),
    lookAgainInMs: lookAgainInMs(objects),
  }
}
