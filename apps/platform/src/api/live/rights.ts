import { AppError } from '@slipway/domain'
import type { Caller } from '../../auth/caller.ts'
import type { ApiContext } from '../context.ts'
import { requireCaller } from '../procedures.ts'

/** A lost notification costs at most this long. */
const CHECK_MS = 20_000

/**
 * Asks again who the subscriber is: a session may have ended, a token been revoked, since the WebSocket was opened.
 * @throws AppError unauthenticated
 */
async function checkCaller(ctx: ApiContext): Promise<Caller> {
  if (ctx.connection === undefined) return requireCaller(ctx)
  return requireCaller({ identity: await ctx.connection.identify() })
}

/** Calls back when a session, a token or a role of the caller's may have gone; the returned function ends it. */
function onRightsChange(ctx: ApiContext, listener: () => void): () => void {
  const { userId } = requireCaller(ctx)
  return ctx.ports.live.onAccountChange((changed) => {
    if (changed === userId) listener()
  })
}

export interface Watch {
  /** Fires when the subscriber goes, or may no longer see what is streamed. */
  signal: AbortSignal
  /** Throws why the stream was ended, where it was for want of rights. */
  throwIfRefused(): void
  stop(): void
}

/** Keeps asking `check` while a stream lasts: at once when a right may have gone, and every 20 s. */
export function watchRights(
  ctx: ApiContext,
  check: (caller: Caller) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Watch {
  if (signal === undefined) throw new AppError('internal', 'A subscription needs a signal that ends it.')
  const ended = new AbortController()
  let refusal: unknown = null
  const ask = () => {
    checkCaller(ctx)
      .then(check)
      .catch((error: unknown) => {
        refusal = error
        ended.abort()
      })
  }
  const timer = setInterval(ask, CHECK_MS)
  const unsubscribe = onRightsChange(ctx, ask)
  return {
    signal: AbortSignal.any([ended.signal, signal]),
    throwIfRefused() {
      if (refusal !== null) throw refusal
    },
    stop() {
      clearInterval(timer)
      unsubscribe()
      ended.abort()
    },
  }
}
