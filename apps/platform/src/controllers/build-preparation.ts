import { AppError, isAppError } from '@slipway/domain'
import type { PreparedBuild } from '../builds/prepare.ts'
import { pause } from '../server/pause.ts'
import { say } from './build-waits.ts'
import type { ControllerContext } from './context.ts'

/** A fault that may pass by itself (a git host that does not answer) is met this often before the build fails. */
const MAX_TRIES = 2
const RETRY_MS = 5000

export type Preparation =
  | { state: 'pending' }
  | { state: 'ready'; prepared: PreparedBuild }
  | { state: 'failed'; failure: string }

/** Preparing fetches from elsewhere and may take minutes: it runs beside the queue, so that its build can be cancelled meanwhile. */
export interface Preparations {
  /** Begins where nothing has begun, and answers how far it is. The build is enqueued when that changes. */
  ask(buildId: string): Preparation
  /** Ends what is under way, and forgets its result. */
  forget(buildId: string): void
  stop(): void
}

interface Running {
  abort: AbortController
  result: Preparation
}

export function createPreparations(context: ControllerContext): Preparations {
  const known = new Map<string, Running>()

  async function work(id: string, signal: AbortSignal): Promise<Preparation> {
    for (let tries = 1; ; tries++) {
      try {
        return { state: 'ready', prepared: await context.buildSources.prepare(id, signal) }
      } catch (error) {
        signal.throwIfAborted()
        const failure = isAppError(error) ? error : unexpected(context, id, error)
        if (failure.code !== 'unavailable' || tries >= MAX_TRIES) return { state: 'failed', failure: failure.message }
        await say(
          context,
          id,
          `       ${failure.message}`,
          `       Trying again in ${RETRY_MS / 1000} seconds (${tries + 1} of ${MAX_TRIES}).`,
        )
        await pauseFor(RETRY_MS, signal)
      }
    }
  }

  return {
    ask(id) {
      const before = known.get(id)
      if (before !== undefined) return before.result
      const abort = new AbortController()
      const running: Running = { abort, result: { state: 'pending' } }
      known.set(id, running)
      work(id, abort.signal)
        .then((result) => {
          running.result = result
          context.enqueue('build', id)
        })
        .catch((err) => {
          if (known.get(id) === running) known.delete(id)
          if (!abort.signal.aborted)
            context.logger.warn({ err, buildId: id }, 'a build could not be prepared; will retry')
        })
      return running.result
    },
    forget(id) {
      known.get(id)?.abort.abort(new Error('the build is over'))
      known.delete(id)
    },
    stop() {
      for (const { abort } of known.values()) abort.abort(new Error('this process reconciles no more'))
      known.clear()
    },
  }
}

function unexpected({ logger }: ControllerContext, buildId: string, err: unknown): AppError {
  logger.error({ err, buildId }, 'a build could not be prepared')
  return new AppError(
    'unavailable',
    'Its source could not be read; see the platform’s log for details.',
    {},
    { cause: err },
  )
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, signal)
  signal.throwIfAborted()
}
