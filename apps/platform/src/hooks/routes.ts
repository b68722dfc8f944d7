import { randomUUID } from 'node:crypto'
import { type Database, forgetOldDeliveries, type NewDelivery, storeDelivery } from '@slipway/db'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { createFairLimiter, type FairLimiter } from '../server/fair-limiter.ts'
import type { Logger } from '../server/logger.ts'
import { refuseLater } from '../server/refuse-later.ts'
import { type Body, type Budget, CUT, readBody } from './body.ts'
import type { HookDirectory, HookSource } from './directory.ts'
import { hookNames, readHookEvent } from './payload.ts'
import { checkSignature, headerOf, type SignatureCheck } from './signature.ts'

/** Bodies that are read at once, by hook and address: together no more than there is memory for. */
const READING = { atOnce: 256, perKey: 4, waitingPerKey: 500, what: 'deliveries' }
/** Signed deliveries are stored by a few connections at most, in turns of the hooks. */
const STORING = { atOnce: 4, perKey: 2, waitingPerKey: 1000, what: 'deliveries' }
/** What was not signed is recorded, so that people see what is wrong with their webhook, but only as a sample. */
const RECORDING = { atOnce: 1, perKey: 1, waitingPerKey: 4, what: 'refusals' }
const RECORDED_A_MINUTE = 10
/** After so many deliveries of an app, its oldest ones are forgotten. */
const FORGET_EVERY = 20
const MAX_COUNTED = 10_000

export interface HookRouteOptions {
  db: Database
  hooks: HookDirectory
  logger: Logger
  /** False where no registry is configured. */
  canBuild: boolean
  now: () => Date
}

/** What ids look like; others are not asked for (the database refuses some characters). */
const HOOK_ID = /^[\w-]{1,100}$/

interface Answer {
  status: number
  body: { status: NewDelivery['status'] | 'repeated'; reason: string }
}

/** What deliveries take turns for. */
interface Turns {
  budget: Budget
  reading: FairLimiter
  storing: FairLimiter
  recording: FairLimiter
  recorded: RateLimiterMemory
  /** Deliveries stored, by app. */
  stored: Map<string, number>
}

/**
 * `/hooks/<hookId>`: push events of git hosts. What deploys is stored once per delivery id and answered with 202 at once;
 * the delivery controller does the rest. Everything else is answered, and recorded, with its reason.
 */
export async function addHookRoutes(server: FastifyInstance, options: HookRouteOptions): Promise<void> {
  const turns: Turns = {
    budget: { used: 0 },
    reading: createFairLimiter(READING),
    storing: createFairLimiter(STORING),
    recording: createFairLimiter(RECORDING),
    recorded: new RateLimiterMemory({ points: RECORDED_A_MINUTE, duration: 60 }),
    stored: new Map(),
  }
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
      receive(options, turns, request, reply),
    )
  })
}

async function receive(
  options: HookRouteOptions,
  turns: Turns,
  request: FastifyRequest<{ Params: { hookId: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { hooks, logger } = options
  const { hookId } = request.params
  const source = HOOK_ID.test(hookId) ? await hooks.find(hookId, request.ip) : null
  if (source === null) {
    reply.header('connection', 'close')
    return reply.status(404).send({
      status: 'rejected',
      reason: 'There is no such webhook. Copy its address again from the app’s settings.',
    })
  }
  // The answer belongs to the turn: what was read is kept until it is stored.
  const { status, answer } = await turns.reading.run(`${source.hookId} ${request.ip}`, async () => {
    const body = await readBody(request.raw, turns.budget)
    const judged = judge(options, turns, request, source, body)
    const { status, body: answer } = await judged.finally(() => {
      if (body.whole) turns.budget.used -= body.bytes.length
    })
    logger[status < 400 ? 'info' : 'debug']({ requestId: request.id, appId: source.appId, status, answer }, 'webhook')
    if (!body.whole) reply.header('connection', 'close')
    return { status, answer }
  })
  if (status === 401) await refuseLater()
  return reply.status(status).send(answer)
}

async function judge(
  options: HookRouteOptions,
  turns: Turns,
  request: FastifyRequest,
  source: HookSource,
  body: Body,
): Promise<Answer> {
  const { event, deliveryId } = hookNames(source.host, request.headers)
  const delivery = {
    appId: source.appId,
    deliveryId: deliveryId ?? `none-${randomUUID()}`,
    event: event.slice(0, 100),
  }
  const reject = (status: number, reason: string) => record(options, turns, { ...delivery, reason }, status)
  if (!body.whole) return reject(CUT[body.why].status, CUT[body.why].reason)
  const signature = await verify(options.hooks, request, source, body.bytes)
  if (!signature.valid) return reject(401, signature.reason)
  const store = (status: number, verdict: Pick<NewDelivery, 'status' | 'reason'> & Partial<NewDelivery>) =>
    turns.storing.run(source.hookId, async (): Promise<Answer> => {
      const isNew = await storeDelivery(options.db, { ...delivery, ...verdict }, options.now())
      if (isNew) await forgetSometimes(options.db, turns.stored, source.appId)
      // A repeat of what was accepted is no news; one that is turned away is turned away again.
      if (!isNew && verdict.status === 'accepted') {
        return { status: 200, body: { status: 'repeated', reason: 'This delivery was received before.' } }
      }
      return { status, body: { status: verdict.status, reason: verdict.reason } }
    })
  const read = readHookEvent(event, body.bytes, headerOf(request.headers, 'content-type'), source.branch)
  switch (read.kind) {
    case 'malformed':
      return store(400, { status: 'rejected', reason: read.reason })
    case 'ignored':
      return store(200, { status: 'ignored', reason: read.reason })
    case 'push': {
      const { branch, commit, message, author } = read
      const reason = `Building ${commit.slice(0, 7)} from ${branch}.`
      return store(202, { status: 'accepted', reason, branch, commit, message, author })
    }
  }
}

/** Against the secret that is remembered, then against a newer one. */
async function verify(
  hooks: HookDirectory,
  request: FastifyRequest,
  source: HookSource,
  body: Buffer,
): Promise<SignatureCheck> {
  const check = checkSignature(source.host, source.secret, request.headers, body)
  if (check.valid) return check
  const newer = await hooks.findAgain(source, request.ip)
  if (newer === null || newer.secret === source.secret) return check
  return checkSignature(newer.host, newer.secret, request.headers, body)
}

/** Answers what was not signed, and writes it down unless much of it comes. */
async function record(
  { db, logger, now }: HookRouteOptions,
  { recording, recorded }: Turns,
  delivery: Omit<NewDelivery, 'status'>,
  status: number,
): Promise<Answer> {
  const { appId, reason } = delivery
  const isSample = await recorded.consume(appId).then(
    () => true,
    () => false,
  )
  if (isSample) {
    await recording
      .run(appId, () => storeDelivery(db, { ...delivery, status: 'rejected' }, now()))
      .catch((err) => logger.debug({ err, appId }, 'a refused delivery was not recorded'))
  }
  return { status, body: { status: 'rejected', reason } }
}

/** Counts by app; the first of a process forgets, too. */
async function forgetSometimes(db: Database, stored: Turns['stored'], appId: string): Promise<void> {
  const count = stored.get(appId) ?? 0
  if (stored.size > MAX_COUNTED) stored.clear()
  stored.set(appId, count + 1)
  if (count % FORGET_EVERY === 0) await forgetOldDeliveries(db, appId)
}
