import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type ConnectedSource, type Database, findSourceByHook, type NewDelivery, storeDelivery } from '@slipway/db'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '../server/logger.ts'
import { hookNames, readHookEvent } from './payload.ts'
import { checkSignature, headerOf } from './signature.ts'

/** Payloads may be at most this large. Hosts cut the list of commits long before. */
const HOOK_BODY_LIMIT_BYTES = 1024 * 1024

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

/** Body of a request: whole, or why it is not. */
type Body = { whole: true; bytes: Buffer } | { whole: false; tooLarge: boolean }

/**
 * `/hooks/<hookId>`: push events of git hosts. What deploys is stored once per delivery id and answered with 202 at once;
 * the delivery controller does the rest. Everything else is answered, and recorded, with its reason.
 */
export async function addHookRoutes(server: FastifyInstance, options: HookRouteOptions): Promise<void> {
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
    scope.post<{ Params: { hookId: string } }>('/hooks/:hookId', (request, reply) => receive(options, request, reply))
  })
}

async function receive(
  options: HookRouteOptions,
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
  const body = await readBody(request.raw, HOOK_BODY_LIMIT_BYTES)
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
    const reason = body.tooLarge
      ? `The payload is larger than ${HOOK_BODY_LIMIT_BYTES / 1024} KiB. Push fewer commits at once, or let the webhook send push events alone.`
      : 'The request ended before its body did.'
    return record(body.tooLarge ? 413 : 400, { status: 'rejected', reason })
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

/** Reads at most `limitBytes`; the rest of a longer body is not waited for. */
function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limitBytes) {
        request.removeAllListeners('data')
        request.resume()
        resolve({ whole: false, tooLarge: true })
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve({ whole: true, bytes: Buffer.concat(chunks) }))
    request.on('error', () => resolve({ whole: false, tooLarge: false }))
    request.on('close', () => resolve({ whole: false, tooLarge: false }))
  })
}
