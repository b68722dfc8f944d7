import { goesOverSocket, MAX_BATCH_CALLS } from '@slipway/domain'
import type { AppRouter } from '@slipway/platform/api'
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
  wsLink,
} from '@trpc/client'
import { toAppError } from './errors.ts'

export type Api = TRPCClient<AppRouter>

export interface ApiConnection {
  api: Api
  /** Rejects when a cut stream cannot come back, because the token is no longer good. */
  refused: Promise<never>
  /** Ends the WebSocket, if one was opened. */
  close(): void
}

const MAX_RECONNECT_DELAY_MS = 15_000
/** A call that has had no answer for so long has failed. Streams are not calls. */
const CALL_TIMEOUT_MS = 60_000

export interface ConnectOptions {
  url: string
  token: string | null
  /** Called when a stream was cut and is being resumed; null once it is back. */
  onReconnecting?: (error: Error | null) => void
}

/** Gives every call a time limit, and says so in words when it is over. */
async function fetchInTime(input: Request | URL | string, init?: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(CALL_TIMEOUT_MS)
  try {
    return await fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, limit]) : limit })
  } catch (error) {
    if (limit.aborted) throw new Error(`nothing came within ${CALL_TIMEOUT_MS / 1000} seconds`, { cause: error })
    throw error
  }
}

/** WebSockets that carry the token in their upgrade request: who has none is not let in. */
function socketWith(token: string | null): typeof WebSocket {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, { headers })
    }
  }
}

/**
 * A typed client of the platform: calls over HTTP, streams over one WebSocket that comes back by itself with jittered
 * delays and goes on where it was cut.
 */
export function connect({ url, token, onReconnecting }: ConnectOptions): ApiConnection {
  const refused = Promise.withResolvers<never>()
  refused.promise.catch(() => undefined) // Who follows no stream does not ask.
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/trpc`,
    WebSocket: socketWith(token),
    lazy: { enabled: true, closeMs: 1000 },
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
    retryDelayMs: (attempt) => Math.min(MAX_RECONNECT_DELAY_MS, 300 * 2 ** attempt) * (0.5 + Math.random() / 2),
    onOpen: () => onReconnecting?.(null),
    onError: () => {
      onReconnecting?.(new TRPCClientError(`The connection to ${url} is lost`))
      // A refused upgrade does not say why; this call does. Where nothing answers, the stream is tried again.
      api.account.get.query().catch((error) => {
        if (toAppError(error, url).code === 'unauthenticated') refused.reject(error)
      })
    },
    onClose: () => onReconnecting?.(new TRPCClientError(`The connection to ${url} is lost`)),
  })
  const api = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: goesOverSocket,
        true: wsLink({ client: socket }),
        false: httpBatchLink({
          url: `${url}/trpc`,
          headers: token ? { authorization: `Bearer ${token}` } : {},
          fetch: fetchInTime,
          maxURLLength: 4000,
          maxItems: MAX_BATCH_CALLS,
        }),
      }),
    ],
  })
  return { api, refused: refused.promise, close: () => void socket.close() }
}
