import { Readable } from 'node:stream'
import type { Database } from '@slipway/db'
import { AppError, isBuildOver } from '@slipway/domain'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { PushRegistry } from '../git/pushes.ts'
import { type HookAnswer, hookCallSchema, type ReceiveDependencies, receivePush } from '../git/receive.ts'
import type { SourceStore } from '../sources/store.ts'
import type { Logger } from './logger.ts'

const HEARTBEAT_MS = 10_000

export interface InternalRouteOptions {
  db: Database
  sources: SourceStore
  pushes: PushRegistry
  receive: ReceiveDependencies
  logger: Logger
  /** Aborted when the process stops: pushes that wait for their build are told so. */
  stopping: AbortSignal
}

/** `/internal`: what git hooks and build pods ask of the platform, each with a bearer token that is good for one thing. */
export function addInternalRoutes(server: FastifyInstance, options: InternalRouteOptions): void {
  server.all('/internal/*', () => {
    throw new AppError('not_found', 'There is nothing here.')
  })

  server.get<{ Params: { id: string } }>('/internal/builds/:id/source', async (request, reply) => {
    const { id } = request.params
    const source = await openSource(options, id, bearerOf(request))
    return reply
      .header('content-length', source.bytes)
      .header('cache-control', 'no-store')
      .type('application/gzip')
      .send(source.stream)
  })

  server.post<{ Params: { id: string } }>('/internal/pushes/:id', async (request, reply) => {
    const push = options.pushes.find(request.params.id, bearerOf(request))
    if (push === null) throw new AppError('not_found', 'There is no such push.')
    const call = hookCallSchema.parse(request.body)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const answers = receivePush(options.receive, push, call, AbortSignal.any([options.stopping, gone.signal]))
    const body = Readable.from(withHeartbeat(answers, options.logger))
    return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(body)
  })
}

async function openSource({ db, sources }: InternalRouteOptions, buildId: string, token: string) {
  const gone = new AppError('not_found', 'There is no such source, or its build is over.')
  if (!/^[0-9a-f-]{36}$/.test(buildId)) throw gone
  if (!sources.verify(buildId, token)) throw gone
  const build = await db.client.build.findUnique({ where: { id: buildId }, select: { status: true, sourceName: true } })
  if (build === null || isBuildOver(build.status)) throw gone
  const source = await sources.open(build.sourceName)
  if (source === null) throw gone
  return source
}

function bearerOf(request: FastifyRequest): string {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
}

/** Answers as lines of JSON; a heartbeat where nothing was said for a while, so that the hook knows a quiet build from a dead platform. */
async function* withHeartbeat(answers: AsyncGenerator<HookAnswer>, logger: Logger): AsyncGenerator<string> {
  const encode = (value: object) => `${JSON.stringify(value)}\n`
  try {
    let next = answers.next()
    for (;;) {
      const beat = Symbol('heartbeat')
      let timer: NodeJS.Timeout | undefined
      const quiet = new Promise<typeof beat>((resolve) => {
        timer = setTimeout(() => resolve(beat), HEARTBEAT_MS)
      })
      const result = await Promise.race([next, quiet])
      clearTimeout(timer)
      if (result === beat) {
        yield encode({ heartbeat: true })
        continue
      }
      if (typeof result === 'symbol' || result.done) return
      yield encode(result.value)
      next = answers.next()
    }
  } catch (error) {
    logger.error({ err: error }, 'a push could not be judged')
    yield encode({
      line: '! Push rejected: something went wrong on our side. Try again; the log of the platform has the details.',
    })
    yield encode({ accepted: false })
  }
}
