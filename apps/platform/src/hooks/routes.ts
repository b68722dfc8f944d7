import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type ConnectedSource, type Database, findSourceByHook, type NewDelivery, storeDelivery } from '@slipway/db'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../server/logger.ts'
import { hookNames, readHookEvent } from './payload.ts'
import { checkSignature, headerOf } from './signature.ts'

/** Payloads may be at most this large: GitHub sends up to 25 MB. */
const HOOK_BODY_LIMIT_BYTES = 25 * 1024 * 1024
/** Bodies are kept whole until their signature is checked, which nobody can before: all of them together take at most this. */
const BODIES_LIMIT_BYTES = 128 * 1024 * 1024

export interface HookRouteOptions {
  db: Database
  logger: Logger
  /** False where no registry is configured. */
  canBuild: boolean
  now: () => Date
}

interface Answer {
  status: number
  body: { status: NewDelivery['status'] | 'repeated'; reason: string }
}

/** Body of a request: whole, or why it is not. `busy`: others take all the memory there is for it. */
type Body = { whole: true; bytes: Buffer } | { whole: false; why: 'too large' | 'cut' | 'busy' }

/** Bytes of bodies that are being read. */
interface Budget {
  used: number
}

/**
 * `/hooks/<hookId>`: push events of git hosts. What deploys is stored once per delivery id and answered with 202 at once;
 * the delivery controller does the rest. Everything else is answered, and recorded, with its reason.
 */
export async function addHookRoutes(server: FastifyInstance, options: HookRouteOptions): Promise<void> {
  const budget: Budget = { used: 0 }
  await server.register(async (scope) => {
    // Signatures are over the bytes as they came, and an oversize body is a delivery to record: the body is read here.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: '/hooks/*',
      handler: (_request, reply) =>
        reply.status(405).header('allow', 'POST').send({ status: 'rejected', reason: 'Webhooks are sent with POST.' }),
    })
    scope.post<{ Params: { hookId: string } }>('/hooks/:hookId', (request, reply) =>
      receive(options, budget, request, reply),
    )
  })
}

async function receive(
  options: HookRouteOptions,
  budget: Budget,
  request: FastifyRequest<{ Params: { hookId: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const source = await findSourceByHook(options.db, request.params.hookId)
  if (source === null) {
    reply.header('connection', 'close')
    return reply.status(404).send({
      status: 'rejected',
      reason: 'There is no such webhook. Copy its address again from the app’s settings.',
    })
  }
  const body = await readBody(request.raw, budget)
  const { status, body: answer } = await judge(options, request, source, body)
  options.logger.info({ requestId: request.id, appId: source.appId, status, answer }, 'webhook')
  if (!body.whole) reply.header('connection', 'close')
  return reply.status(status).send(answer)
}

async function judge(
  options: HookRouteOptions,
  request: FastifyRequest,
  source: ConnectedSource,
  body: Body,
): Promise<Answer> {
  const { event, deliveryId } = hookNames(source.host, request.headers)
  const known = { appId: source.appId, deliveryId: deliveryId ?? `none-${randomUUID()}`, event: event.slice(0, 100) }
  const record = async (status: number, delivery: Omit<NewDelivery, keyof typeof known>): Promise<Answer> => {
    const { repeated } = await storeDelivery(options.db, { ...known, ...delivery }, options.now())
    // A repeat of what was accepted is no news; one that is turned away is turned away again.
    if (repeated && delivery.status === 'accepted') {
      return { status: 200, body: { status: 'repeated', reason: 'This delivery was received before.' } }
    }
    return { status, body: { status: delivery.status, reason: delivery.reason } }
  }
  if (!body.whole) {
    return record(CUT[body.why].status, { status: 'rejected', reason: CUT[body.why].reason })
  }
  const signature = checkSignature(source.host, source.secret, request.headers, body.bytes)
  if (!signature.valid) return record(401, { status: 'rejected', reason: signature.reason })
  const read = readHookEvent(event, body.bytes, headerOf(request.headers, 'content-type'), source.branch)
  switch (read.kind) {
    case 'malformed':
      return record(400, { status: 'rejected', reason: read.reason })
    case 'ignored':
      return record(200, { status: 'ignored', reason: read.reason })
    case 'push': {
      const { branch, commit, message, author } = read
      const reason = `Building ${commit.slice(0, 7)} from ${branch}.`
      return record(202, { status: 'accepted', reason, branch, commit, message, author })
    }
  }
}

const CUT = {
  'too large': {
    status: 413,
    reason: `The payload is larger than ${HOOK_BODY_LIMIT_BYTES / 1024 ** 2} MiB. Push fewer commits at once, or let the webhook send push events alone.`,
  },
  cut: { status: 400, reason: 'The request ended before its body did.' },
  busy: { status: 503, reason: 'Too many large payloads came at once. Redeliver it in a moment.' },
} as const

/** Reads a body within its limit and the budget; the rest of a longer one is not waited for. */
function readBody(request: IncomingMessage, budget: Budget): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (body: Body) => {
      request.removeAllListeners('data')
      request.resume()
      budget.used -= size
      size = 0
      resolve(body)
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      budget.used += chunk.length
      chunks.push(chunk)
      if (size > HOOK_BODY_LIMIT_BYTES) end({ whole: false, why: 'too large' })
      else if (budget.used > BODIES_LIMIT_BYTES) end({ whole: false, why: 'busy' })
    })
    request.on('end', () => end({ whole: true, bytes: Buffer.concat(chunks) }))
    request.on('error', () => end({ whole: false, why: 'cut' }))
    request.on('close', () => end({ whole: false, why: 'cut' }))
  })
}
