import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError, httpStatusOf, isAppError } from '@slipway/domain'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import type { FastifyInstance } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Identity } from '../auth/caller.ts'
import { hostKind } from '../auth/hosts.ts'
import { isSameOrigin } from '../auth/origin.ts'
import type { LimitSettings } from '../env-limits.ts'
import { BODY_LIMIT_BYTES } from '../server/create-server.ts'
import { createHeldLimiter, type FairLimiter } from '../server/fair-limiter.ts'
import type { Logger } from '../server/logger.ts'
import { socketEncoder } from './encoder.ts'
import { type ApiContext, type ApiDependencies, appRouter, createRequestContext, isDefect } from './index.ts'

/** Pings keep proxies from cutting a quiet connection, and find clients that are gone. */
const PING_MS = 20_000
const PONG_WAIT_MS = 10_000
/** WebSockets at once; a browser tab holds one. */
const MAX_SOCKETS = 5000

export interface SocketOptions {
  server: FastifyInstance
  api: ApiDependencies
  authenticator: Authenticator
  logger: Logger
  limits: LimitSettings
  /** Client address of an upgrade request, after trusted proxies. */
  addressOf: (request: IncomingMessage) => string
}

export interface Sockets {
  close(): Promise<void>
  sockets(): number
}

/**
 * The WebSockets of `/trpc`. Every subscription needs an account, so a client is identified before it is upgraded, by the cookie or a
 * bearer token of the upgrade request; who has none gets 401, who holds too many 429, and neither costs memory.
 */
export function addSockets(options: SocketOptions, identifying: FairLimiter): Sockets {
  const { server, api, authenticator, logger, addressOf, limits } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: BODY_LIMIT_BYTES, perMessageDeflate: false })
  const ofAccount = createHeldLimiter(limits.sockets)
  const ofAddress = createHeldLimiter(limits.addressSockets)
  const identities = new WeakMap<IncomingMessage, Identity>()
  const handler = applyWSSHandler({
    wss: sockets,
    router: appRouter,
    experimental_encoder: socketEncoder,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    createContext: async ({ req, res }): Promise<ApiContext> => {
      const { headers } = req
      const request = { headers, address: addressOf(req), transport: 'websocket' } as const
      const context = await createRequestContext(api, authenticator, request, identities.get(req))
      const identify = () => authenticator.identify(headers, null)
      return { ...context, connection: { backlogBytes: () => (res as WebSocket).bufferedAmount, identify } }
    },
    onError: ({ error, path }) => {
      if (isDefect(error)) logger.error({ err: error, procedure: path }, 'subscription failed')
    },
  })

  /** Takes a place for the socket, or throws why it gets none. */
  async function admit(request: IncomingMessage): Promise<() => void> {
    const address = addressOf(request)
    if (sockets.clients.size >= MAX_SOCKETS) throw new AppError('unavailable', 'Too many connections.')
    const ofItsAddress = ofAddress.take(address)
    if (ofItsAddress === null) throw new AppError('rate_limited', 'Too many connections from this address.')
    try {
      if (!hasCredentials(request)) throw ANONYMOUS
      const identity = await identifying.run(address, () => authenticator.identify(request.headers, address))
      if (identity.caller === null) throw identity.problem ?? ANONYMOUS
      const ofItsAccount = ofAccount.take(identity.caller.userId)
      if (ofItsAccount === null) throw new AppError('rate_limited', 'Too many connections of this account.')
      identities.set(request, identity)
      return () => {
        ofItsAddress()
        ofItsAccount()
      }
    } catch (error) {
      ofItsAddress()
      throw error
    }
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const host = hostKind(request.headers.host ?? '', api.config)
    if (host === 'foreign') return answer(socket, 421, 'There is nothing at this address.')
    if (host === 'app' || (request.url ?? '').split('?', 1)[0] !== '/trpc') return answer(socket, 404, 'Not found.')
    if (!isSameOrigin(request.headers, api.config)) return answer(socket, 403, 'This request comes from another site.')
    admit(request).then(
      (leave) => {
        socket.once('close', leave)
        if (socket.destroyed) return leave()
        sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
      },
      (error) => {
        if (!isAppError(error)) logger.error({ err: error }, 'an upgrade failed')
        refuse(socket, isAppError(error) ? error : UNAVAILABLE)
      },
    )
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

const ANONYMOUS = new AppError('unauthenticated', 'Sign in, or send an API token with the upgrade request.')
const UNAVAILABLE = new AppError('unavailable', 'Try again in a moment.')

const hasCredentials = ({ headers }: IncomingMessage) => Boolean(headers.authorization || headers.cookie)

const refuse = (socket: Duplex, { code, message }: AppError) => answer(socket, httpStatusOf(code), message)

function answer(socket: Duplex, status: number, message: string): void {
  const body = `${message}\n`
  const retry = status === 429 || status === 503 ? 'Retry-After: 5\r\n' : ''
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\nConnection: close\r\n${retry}Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const REASONS: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

/** Clients get a moment to say goodbye, then are cut. */
async function closeSockets(sockets: WebSocketServer): Promise<void> {
  const timer = setTimeout(() => {
    for (const client of sockets.clients) client.terminate()
  }, 1000)
  await new Promise<void>((resolve) => sockets.close(() => resolve()))
  clearTimeout(timer)
}
