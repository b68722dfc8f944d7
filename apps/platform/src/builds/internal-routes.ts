import type { Gzip } from 'node:zlib'
import { type Database, findBuildEnd } from '@slipway/db'
import { AppError, isBuildOver } from '@slipway/domain'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Repositories } from '../git/repositories.ts'
import type { Logger } from '../server/logger.ts'
import { openSource } from '../sources/archive.ts'
import type { SourceTokens } from '../sources/token.ts'
import type { BuildSources } from './prepare.ts'

export interface InternalRouteOptions {
  db: Database
  repositories: Repositories
  buildSources: BuildSources
  sourceTokens: SourceTokens
  logger: Logger
}

/**
 * `/internal` of the process with the role `git`: what build pods and reconcilers ask of the repositories, each with a bearer token
 * that is good for one build.
 */
export function addInternalRoutes(server: FastifyInstance, options: InternalRouteOptions): void {
  const { buildSources, sourceTokens, logger } = options
  const authorize = (request: FastifyRequest<{ Params: { id: string } }>): string => {
    const { id } = request.params
    if (/^[0-9a-f-]{36}$/.test(id) && sourceTokens.verify(id, bearerOf(request))) return id
    throw new AppError('not_found', GONE)
  }

  server.get<{ Params: { id: string } }>('/internal/builds/:id/source', async (request, reply) => {
    const stream = await sourceOf(options, authorize(request))
    stream.on('error', (err) => logger.warn({ err, buildId: request.params.id }, 'a source stream broke off'))
    return reply.header('cache-control', 'no-store').type('application/gzip').send(stream)
  })

  server.post<{ Params: { id: string } }>('/internal/builds/:id/prepare', async (request, reply) => {
    const id = authorize(request)
    const gone = new AbortController()
    reply.raw.once('close', () => reply.raw.writableFinished || gone.abort(new Error('nobody waits for it')))
    return reply.header('cache-control', 'no-store').send(await buildSources.prepare(id, gone.signal))
  })
}

const GONE = 'There is no such source, or its build is over.'

async function sourceOf({ db, repositories }: InternalRouteOptions, id: string): Promise<Gzip> {
  const build = await findBuildEnd(db, id)
  if (build === null || isBuildOver(build.status)) throw new AppError('not_found', GONE)
  return openSource(repositories.path(build.appId), build.commit)
}

function bearerOf(request: FastifyRequest): string {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
}
