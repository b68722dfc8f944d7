import type { ContainerStateTerminated, Event } from 'kubernetes-types/core/v1.d.ts'
import { eventTimeMs, timeMs } from './context.ts'
import type { ExitStory } from './exit.ts'
import type { Subject } from './subject.ts'

/** Steps in which the wait for a process that does not listen yet is told, so that its sentence rarely changes. */
const STEP_MS = 10_000

/** A kill by a probe explains an exit that follows it within the grace period and some seconds. Kills that repeat are one event. */
const KILL_WINDOW_MS = 60_000

/** A process that listens on loopback only for this many probes is not about to do better. */
const LOOPBACK_PROBES = 5

/** Exit codes of a process that was asked to stop: by itself, SIGKILL, SIGTERM. */
const STOPPED = new Set([0, 137, 143])

const LISTEN_ACTION = 'Make it listen on 0.0.0.0 and the port that the environment variable PORT names.'
const SLOW_ACTION = 'If it only needs more time to start, raise its start timeout.'

/** "PORT 8080", as far as the container's template says which. */
function portOf({ spec }: Subject): string {
  const value = spec?.env?.find(({ name }) => name === 'PORT')?.value
  return value === undefined ? 'PORT' : `PORT ${value}`
}

/** How long the container's startup probe waits for it, in milliseconds; null where it has none. */
export function startLimitMs(spec: Subject['spec']): number | null {
  const probe = spec?.startupProbe
  if (!probe) return null
  return ((probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3)) * 1000
}

/** Until the sentence of a container that does not listen yet changes; null when time changes it no more. */
export function nextStepMs(runningMs: number, limitMs: number): number | null {
  return runningMs < limitMs ? STEP_MS - (runningMs % STEP_MS) : null
}

/** "40 s of 120 s"; null for the first step, in which nothing is late. */
export function waited(runningMs: number, limitMs: number): string | null {
  const seconds = (Math.floor(Math.min(runningMs, limitMs) / STEP_MS) * STEP_MS) / 1000
  return seconds > 0 ? `${seconds} s of ${Math.round(limitMs / 1000)} s` : null
}

/** What to do about a process that is still given time. */
export const STARTING_ACTION =
  'If this persists, make it listen on 0.0.0.0 and the port in PORT. If it only needs more time, raise its start timeout.'

/** The address that the node's probes found the port open on alone; null where they cannot know, or found none. */
export function loopbackOf({ events }: Subject, sinceMs = 0): string | null {
  for (const event of events) {
    if (event.reason !== 'Unhealthy' || (event.count ?? 1) < LOOPBACK_PROBES || eventTimeMs(event) < sinceMs) continue
    const [, address] = /; it listens on (\S+) only$/.exec(event.message ?? '') ?? []
    if (address !== undefined) return address
  }
  return null
}

/** A process that nothing can reach, after its time to start or before. */
export function unreachable(subject: Subject, limitMs: number | null): ExitStory {
  const loopback = loopbackOf(subject)
  if (loopback !== null) {
    return {
      reason: 'LoopbackOnly',
      clause: `listens on ${loopback} only; it must listen on 0.0.0.0`,
      action: LISTEN_ACTION,
      cures: ['open_log', 'roll_back'],
    }
  }
  const within = limitMs === null ? '' : ` within ${Math.round(limitMs / 1000)} s`
  return {
    reason: limitMs === null ? null : 'StartupProbeFailed',
    clause: `does not accept connections on ${portOf(subject)}${within}: it must listen on 0.0.0.0:$PORT`,
    action: limitMs === null ? LISTEN_ACTION : `${LISTEN_ACTION} ${SLOW_ACTION}`,
    state: 'not_listening',
    cures: limitMs === null ? ['open_log', 'roll_back'] : ['open_log', 'raise_start_timeout', 'roll_back'],
  }
}

/**
 * The probe that ended this run of the container; null when it ended by itself. Known by the kubelet's Killing event, and
 * where that was dropped (the kubelet emits a limited number a pod), by the time at which the startup probe gives up.
 */
export function killingProbe(subject: Subject, terminated: ContainerStateTerminated): 'startup' | 'liveness' | null {
  const finishedMs = timeMs(terminated.finishedAt)
  if (finishedMs === null) return null
  const message = subject.events.find((event) => isKill(event, subject.status.name, finishedMs))?.message
  if (message?.includes('failed startup probe')) return 'startup'
  if (message?.includes('failed liveness probe')) return 'liveness'
  const limitMs = startLimitMs(subject.spec)
  const startedMs = timeMs(terminated.startedAt)
  if (limitMs === null || startedMs === null || !STOPPED.has(terminated.exitCode)) return null
  const graceMs = (subject.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000
  const lateMs = finishedMs - startedMs - limitMs
  return lateMs >= -2000 && lateMs <= graceMs + 10_000 ? 'startup' : null
}

function isKill(event: Event, container: string, finishedMs: number): boolean {
  if (event.reason !== 'Killing' || !event.message?.includes(container)) return false
  const lastMs = eventTimeMs(event)
  const firstMs = timeMs(event.firstTimestamp) ?? lastMs
  return finishedMs >= firstMs - 2000 && finishedMs <= lastMs + KILL_WINDOW_MS
}
