import type { Health } from '@slipway/domain'
import { READY_GRACE_MS, STABLE_MS } from './container.ts'
import { timeMs } from './context.ts'
import { asClause, count, type Finding, healthOf, worst } from './finding.ts'
import { instancesOf } from './instances.ts'
import { releaseOf } from './labels.ts'
import { nextStepMs, startLimitMs } from './listening.ts'
import type { AppObjects } from './objects.ts'
import { isReady } from './pod-state.ts'
import { type ObservedProcess, observe } from './process.ts'
import type { AppHealth, Why } from './result.ts'

/** Containers of which time alone changes what is said: when it does so next. */
function lookAgainInMs({ pods, nowMs }: AppObjects): number | null {
  const waits = pods.flatMap((pod) =>
    [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].flatMap((status) => {
      const startedMs = timeMs(status.state?.running?.startedAt)
      if (startedMs === null || (status.ready && status.restartCount === 0)) return []
      const limitMs = startLimitMs(pod.spec?.containers.find(({ name }) => name === status.name))
      if (limitMs !== null && !status.ready && !status.started) return nextStepMs(nowMs - startedMs, limitMs) ?? []
      const leftMs = startedMs + (status.ready ? STABLE_MS : READY_GRACE_MS) - nowMs
      return leftMs > 0 ? [leftMs] : []
    }),
  )
  return waits.length > 0 ? Math.min(...waits) : null
}

/** The processes whose instances decide whether a release serves: those with traffic, or all where none has any. */
function serving(processes: readonly ObservedProcess[]): ObservedProcess[] {
  const wanted = processes.filter(({ wanted }) => wanted > 0)
  const web = wanted.filter(({ kind }) => kind === 'web')
  return web.length > 0 ? web : wanted
}

/** The newest release of which each of these processes has a ready instance. */
function servingRelease(processes: readonly ObservedProcess[]): number | null {
  const [first, ...others] = serving(processes).map(
    ({ pods }) => new Set(pods.filter(isReady).map((pod) => releaseOf(pod) ?? 0)),
  )
  const common = [...(first ?? [])].filter((release) => release > 0 && others.every((set) => set.has(release)))
  return common.length > 0 ? Math.max(...common) : null
}

type Worst = { process: ObservedProcess; finding: Finding }

function worstOf(processes: readonly ObservedProcess[]): Worst | null {
  const running = processes.filter(({ wanted }) => wanted > 0)
  const finding = worst(running.map((process) => process.finding))
  const process = running.find((each) => each.finding === finding)
  return finding && process ? { process, finding } : null
}

/** What goes on while the cause is not cured. */
function aftermath(release: number, served: number | null, kinds: readonly ObservedProcess[]): string {
  if (served !== null && served !== release) return ` v${served} still serves.`
  if (served === null) return kinds.some(({ kind }) => kind === 'web') ? ' Nothing serves.' : ' Nothing runs.'
  return ''
}

function sentence(
  release: number,
  { finding }: Worst,
  served: number | null,
  processes: readonly ObservedProcess[],
): string {
  const running = processes.filter(({ wanted }) => wanted > 0)
  const ready = running.reduce((sum, each) => sum + each.ready, 0)
  const wanted = running.reduce((sum, each) => sum + each.wanted, 0)
  switch (finding.status) {
    case 'Healthy':
      return `Running v${release} on ${ready} of ${count(wanted, 'instance')}.`
    case 'Suspended':
    case 'Missing':
    case 'Unknown':
      return finding.message
    case 'Progressing': {
      const trouble = finding.action ? ` ${finding.message}` : ''
      if (running.every(({ settled }) => settled)) {
        return `Running v${release} on ${Math.min(ready, wanted)} of ${count(wanted, 'instance')}.${trouble}`
      }
      const updated = running.reduce(
        (sum, { pods }) => sum + pods.filter((pod) => isReady(pod) && releaseOf(pod) === release).length,
        0,
      )
      const meanwhile = served !== null && served !== release ? ` v${served} serves until then.` : ''
      return `Rolling out v${release}: ${Math.min(updated, wanted)} of ${count(wanted, 'instance')} ready.${trouble}${meanwhile}`
    }
    case 'Degraded': {
      const cause = asClause(finding.message)
      if (served === release) return `v${release} runs on ${ready} of ${count(wanted, 'instance')}: ${cause}.`
      return `v${release} is failing: ${cause}.${aftermath(release, served, serving(processes))}`
    }
  }
}

function whyOf(text: string, { process, finding }: Worst): Why | null {
  if (finding.status === 'Healthy' || finding.status === 'Suspended' || finding.action === null) return null
  return {
    sentence: text,
    action: finding.action,
    reason: finding.reason,
    process: process.name,
    instance: finding.instance,
    log: finding.log,
  }
}

const NOTHING_DEPLOYED: Health = {
  status: 'Suspended',
  reason: 'NotDeployed',
  message: 'Nothing is deployed yet.',
  action: 'Push your code, or deploy an image.',
}

const SCALED_TO_ZERO: Health = {
  status: 'Suspended',
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
  return { health: { ...healthOf(found.finding), message }, why: whyOf(message, found) }
}

/**
 * Health of an app: what people asked for against what the cluster shows, in one sentence with one action. Pure; the same
 * objects at the same time always give the same answer.
 */
export function appHealth(objects: AppObjects): AppHealth {
  const processes = observe(objects)
  const served = servingRelease(processes)
  return {
    ...combined(objects, processes, served),
    servingRelease: served,
    instances: instancesOf(objects),
    processes: processes.map(({ name, kind, wanted, ready, finding }) => ({
      name,
      kind,
      wanted,
      ready,
      health: healthOf(finding),
    })),
    lookAgainInMs: lookAgainInMs(objects),
  }
}
