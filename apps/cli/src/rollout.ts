import { setTimeout as sleep } from 'node:timers/promises'
import {
  AppError,
  type AppRef,
  type AppView,
  isRollingOut,
  isRouted,
  plainText,
  type ReleaseView,
} from '@slipway/domain'
import { toAppError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { answer, type Io, note, paint, say } from './io.ts'
import type { Runtime, Session } from './runtime.ts'

const POLL_MS = 1000
/** The last log lines of what failed are read in the background; where it never ran there are none. */
const LOG_LOOKS = 3
export const DEFAULT_TIMEOUT_SECONDS = 900

interface Outcome {
  release: ReleaseView
  app: AppView
}

/** One look at the release; null while the platform does not answer, which a deploy survives. */
async function look(session: Session, ref: AppRef, number: number): Promise<Outcome | null> {
  try {
    const [release, app] = await Promise.all([
      session.api.release.get.query({ ...ref, release: number }),
      session.api.app.get.query(ref),
    ])
    return { release, app }
  } catch (error) {
    const known = toAppError(error, session.url)
    if (known.code === 'unavailable' || known.code === 'rate_limited') return null
    throw known
  }
}

/**
 * Waits until a release is live, has failed, or was cancelled or replaced, and tells every change on standard error. Throws
 * `unavailable` when that takes longer than it may: the roll-out itself goes on.
 */
async function follow(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  number: number,
  timeoutSeconds: number,
): Promise<Outcome> {
  const deadlineMs = runtime.nowMs() + timeoutSeconds * 1000
  let told = ''
  let logLooks = LOG_LOOKS
  for (;;) {
    const outcome = await look(session, ref, number)
    if (outcome && isSettled(outcome, logLooks)) return outcome
    if (outcome?.release.status === 'failed') logLooks -= 1
    const line = outcome ? outcome.app.health.message : 'No answer from the platform; waiting for it.'
    if (line !== told) note(runtime.io, paint(runtime.io, 'dim', `  ${line}`))
    told = line
    if (runtime.nowMs() > deadlineMs) {
      throw new AppError(
        'unavailable',
        `v${number} is still rolling out after ${timeoutSeconds} seconds. It continues by itself: "slipway ps" shows its progress.`,
      )
    }
    await sleep(POLL_MS, undefined, { signal: runtime.signal })
  }
}

function isSettled({ release, app: { why } }: Outcome, logLooks: number): boolean {
  if (release.status !== 'failed') return !isRollingOut(release.status)
  const hasLog = why !== null && (why.instance === null || why.logTail.length > 0)
  return hasLog || logLooks <= 0
}

function tellFailure(io: Io, { release, app }: Outcome): void {
  const why = app.currentRelease === release.number ? app.why : null
  const failed = paint(io, 'red', `v${release.number} failed:`)
  say(io, why ? paint(io, 'red', why.sentence) : `${failed} ${release.message ?? app.health.message}`)
  if (why) say(io, why.action)
  for (const line of why?.logTail ?? []) say(io, `  ${plainText(line)}`)
}

/** The same words as at the end of a push. */
function whereOf({ url, processes }: AppView): string {
  if (url) return ` at ${url}`
  const hasWeb = processes.some(isRouted)
  return hasWeb ? '' : '. It has no web process; nothing answers at an address.'
}

/** Tells how a release ended, and answers the exit code that goes with it. */
function conclude(io: Io, outcome: Outcome): number {
  const { release, app } = outcome
  answer(io, release, () => {
    switch (release.status) {
      case 'live':
        return say(io, `${paint(io, 'green', `v${release.number} is live`)}${whereOf(app)}`)
      case 'superseded':
        return say(io, `v${release.number} was replaced by v${app.currentRelease} before it was live.`)
      case 'cancelled':
        return say(io, `v${release.number} was cancelled.`)
      case 'failed':
      case 'pending':
      case 'rolling_out':
        return tellFailure(io, outcome)
    }
  })
  return release.status === 'live' || release.status === 'superseded' ? EXIT.ok : EXIT.failure
}

/** How a command that makes a release ends: waits for it, unless told not to. Answers the exit code. */
export async function finishRelease(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  release: ReleaseView,
  options: { wait: boolean; timeout: number },
): Promise<number> {
  const { io } = runtime
  note(io, `v${release.number}: ${release.description}`)
  if (!options.wait) {
    answer(io, release, ({ number }) => say(io, `v${number} is on its way. "slipway ps" shows its progress.`))
    return EXIT.ok
  }
  return conclude(io, await follow(runtime, session, ref, release.number, options.timeout))
}
