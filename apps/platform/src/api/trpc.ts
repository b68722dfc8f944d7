import { AppError, isAppError, MAX_BATCH_CALLS } from '@slipway/domain'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import type { FastifyRequest } from 'fastify'
import { RETRY_AFTER_SECONDS } from '../server/create-server.ts'
import { createFairLimiter } from '../server/fair-limiter.ts'
import { refuseLater } from '../server/refuse-later.ts'
import { type AppRouter, appRouter, createRequestContext, isDefect, refusalOf } from './index.ts'
import { addSockets, type SocketOptions, type Sockets } from './sockets.ts'

/** Credentials that are looked up at once, by address: a query or two each. */
const IDENTIFYING = { atOnce: 8, perKey: 4, waitingPerKey: 300, what: 'requests' }

/** `/trpc`: queries and mutations over HTTP batch, subscriptions over one WebSocket a client. */
export async function addTrpc(options: SocketOptions): Promise<Sockets> {
  const { server, api, authenticator, logger } = options
  const identifying = createFairLimiter(IDENTIFYING)
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    maxBatchSize: MAX_BATCH_CALLS,
    createContext: ({ req }) =>
      identifying
        .run(req.ip, () =>
          createRequestContext(api, authenticator, { headers: req.headers, address: req.ip, transport: 'http' }),
        )
        .catch((error) => {
          throw refusalOf(error)
        }),
    responseMeta: ({ errors }) => ({ headers: retryHeaders(errors) }),
    onError: ({ error, path }) => {
      if (isDefect(error)) logger.error({ err: error, procedure: path }, 'procedure failed')
    },
  }
  await server.register(async (scope) => {
    scope.addHook('onRequest', async (request) => checkBatch(request))
    await scope.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
  })
  return addSockets(options, identifying)
}

/** When to ask again, of what is busy or asked too often. */
function retryHeaders(errors: readonly { code: string; cause?: unknown }[]): Record<string, string> {
  const waits = errors.flatMap(({ code, cause }) => {
    if (code === 'SERVICE_UNAVAILABLE') return [RETRY_AFTER_SECONDS]
    const afterMs = isAppError(cause) && code === 'TOO_MANY_REQUESTS' ? cause.details.retryAfterMs : undefined
    return typeof afterMs === 'number' ? [Math.ceil(afterMs / 1000)] : []
  })
  return waits.length === 0 ? {} : { 'retry-after': String(Math.max(...waits)) }
}

/** Said here with the number; tRPC's own check stands behind it. */
async function checkBatch({ url }: FastifyRequest): Promise<void> {
  const calls = (url.split('?', 1)[0] ?? '').split(/,|%2c/i).length
  if (calls <= MAX_BATCH_CALLS) return
  await refuseLater()
  throw new AppError(
    'too_large',
    `A batch may have ${MAX_BATCH_CALLS} calls at most, and this one has ${calls}. Send it in parts.`,
    { calls, limit: MAX_BATCH_CALLS },
  )
}
