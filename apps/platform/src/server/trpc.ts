import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { FastifyInstance } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { type ApiContext, type ApiDependencies, type AppRouter, appRouter, createRequestContext } from '../api/index.ts'
import type { Authenticator } from '../auth/authenticate.ts'
import { BODY_LIMIT_BYTES } from './create-server.ts'
import type { Logger } from './logger.ts'

export interface TrpcOptions {
  server: FastifyInstance
  api: ApiDependencies
  authenticator: Authenticator
  logger: Logger
  /** Client address of an upgrade request, after trusted proxies. */
  addressOf: (request: IncomingMessage) => string
}

/** Pings keep proxies from cutting a quiet connection, and find clients that are gone. */
const PING_MS = 20_000
const PONG_WAIT_MS = 10_000
/** WebSockets at once; a browser tab holds one. */
const MAX_SOCKETS = 5000

/** What a client that can not set headers (a browser with a token, some CLIs) sends as tRPC connection parameters. */
const connectionParams = z.object({ token: z.string().max(500).optional() }).nullish()

/** `/trpc`: queries and mutations over HTTP batch, subscriptions over one WebSocket a client. */
export async function addTrpc(options: TrpcOptions): Promise<{ close(): Promise<void>; sockets(): number }> {
  const { server, api, authenticator, logger } = options
  const trpcOptions: FastifyTRPCPluginOptions<AppRouter>['trpcOptions'] = {
    router: appRouter,
    createContext: ({ req }) =>
      createRequestContext(api, authenticator, { headers: req.headers, address: req.ip, transport: 'http' }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') logger.error({ err: error, procedure: path }, 'procedure failed')
    },
  }
  await server.register(fastifyTRPCPlugin, { prefix: '/trpc', trpcOptions })
  return addSockets(options)
}

function addSockets({ server, api, authenticator, logger, addressOf }: TrpcOptions) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_LIMIT_BYTES, perMessageDeflate: false })
  const handler = applyWSSHandler({
    wss: sockets,
    router: appRouter,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    createContext: async ({ req, res, info }): Promise<ApiContext> => {
      const token = connectionParams.parse(info.connectionParams)?.token
      const headers = token ? { ...req.headers, authorization: `Bearer ${token}` } : req.headers
      const context = await createRequestContext(api, authenticator, {
        headers,
        address: addressOf(req),
        transport: 'websocket',
      })
      return { ...context, connection: connectionOf(res, () => authenticator.identify(headers)) }
    },
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') logger.error({ err: error, procedure: path }, 'subscription failed')
    },
  })
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?', 1)[0]
    if (path !== '/trpc') return refuse(socket, 404, 'Not Found')
    if (sockets.clients.size >= MAX_SOCKETS) return refuse(socket, 503, 'Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
  }
  server.server.on('upgrade', onUpgrade)
  return {
    sockets: () => sockets.clients.size,
    async close() {
      handler.broadcastReconnectNotification()
      server.server.off('upgrade', onUpgrade)
      for (const client of sockets.clients) client.close(1001, 'restarting')
      await closeSockets(sockets)
    },
  }
}

function connectionOf(
  socket: WebSocket,
  identify: () => ReturnType<Authenticator['identify']>,
): ApiContext['connection'] {
  return { backlogBytes: () => socket.bufferedAmount, identify }
}

function refuse(socket: Duplex, status: number, text: string): void {
  socket.end(`HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Clients get a moment to say goodbye, then are cut. */
async function closeSockets(sockets: WebSocketServer): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of sockets.clients) client.terminate()
  }, 1000)
  await new Promise<void>((resolve) => sockets.close(() => resolve()))
  clearTimeout(timer)
}
