import { AppError } from '@slipway/domain'
import type { Caller } from '../../auth/caller.ts'
import type { ApiContext } from '../context.ts'
import { requireCaller } from '../procedures.ts'

/** Without a change, a subscription looks again this often: ages in sentences grow, and rights may have been taken away. */
const LOOK_AGAIN_MS = 20_000

/**
 * Asks again who the subscriber is: a session may have ended, a token been revoked, since the WebSocket was opened.
 * @throws AppError unauthenticated
 */
export async function checkCaller(ctx: ApiContext): Promise<Caller> {
  if (ctx.connection === undefined) return requireCaller(ctx)
  return requireCaller({ ...ctx, identity: await ctx.connection.identify() })
}

export interface ChangeOptions {
  /** Which apps' changes count. */
  isRelevant: (appId: string) => boolean
  /** At most one round in this time. */
  intervalMs: number
  signal: AbortSignal | undefined
}

/** Yields at once, then after changes of relevant apps, never more often than the interval, and at least every 20 s. */
export async function* changes(
  ctx: ApiContext,
  { isRelevant, intervalMs, signal }: ChangeOptions,
): AsyncGenerator<void> {
  if (signal === undefined) throw new AppError('internal', 'A subscription needs a signal that ends it.')
  let wake: (() => void) | null = null
  let changed = true
  const unsubscribe = ctx.ports.live.onAppChange((appId) => {
    if (!isRelevant(appId)) return
    changed = true
    wake?.()
  })
  const pause = (ms: number, untilChange: boolean) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        wake = null
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      if (untilChange) wake = done
    })
  try {
    while (!signal.aborted) {
      changed = false
      yield
      await pause(intervalMs, false)
      if (!changed && !signal.aborted) await pause(LOOK_AGAIN_MS, true)
    }
  } finally {
    unsubscribe()
  }
}
