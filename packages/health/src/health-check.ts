import type { Probe } from 'kubernetes-types/core/v1.d.ts'
import { eventTimeMs } from './context.ts'
import type { ExitStory } from './exit.ts'
import { quote } from './finding.ts'
import type { Subject } from './subject.ts'

/** How long a container that has started may take until it is ready before that is called a failure. */
const READY_GRACE_MS = 30_000

const PREFIX = 'Readiness probe failed: '
const STATUS = /^HTTP probe failed with statuscode: (\d{3})/
const LATE = /context deadline exceeded|Client\.Timeout|timed out|i\/o timeout/i
const REFUSED = /connection refused/i

/** The same with a health check that is rare: one that failed is asked once more first. */
export function readyGraceMs(probe: Probe | undefined): number {
  const { periodSeconds = 10, timeoutSeconds = 1 } = probe ?? {}
  return Math.max(READY_GRACE_MS, (2 * periodSeconds + timeoutSeconds) * 1000)
}

/** A process that listens, and whose health check fails; null where it has none, or where the check found nothing listening. */
export function uncheckedStory({ spec, events, nowMs }: Subject, runningMs: number): ExitStory | null {
  const { httpGet, timeoutSeconds = 1 } = spec?.readinessProbe ?? {}
  if (httpGet === undefined) return null
  const said = events
    .find((event) => event.message?.startsWith(PREFIX) && eventTimeMs(event) >= nowMs - runningMs - 1000)
    ?.message?.slice(PREFIX.length)
  if (said !== undefined && REFUSED.test(said)) return null
  const request = `GET ${httpGet.path}`
  const status = STATUS.exec(said ?? '')?.[1]
  const how =
    status !== undefined
      ? `answers ${status}`
      : said === undefined
        ? 'does not succeed'
        : LATE.test(said)
          ? `does not answer within ${timeoutSeconds} s`
          : `fails: ${quote(said)}`
  return {
    reason: 'HealthCheckFailed',
    clause: `gets no requests: its health check ${request} ${how}`,
    cause: `gets no requests: its health check ${status === undefined ? 'fails' : how}`,
    action: 'Make it answer with a status of 200 to 399, or correct its health check.',
    cures: ['open_log', 'roll_back'],
  }
}
