import type { Database } from '@slipway/db'
import { AppError, httpStatusOf, isAppError } from '@slipway/domain'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { appScope } from '../api/scope.ts'
import type { Authenticator } from '../auth/authenticate.ts'
import type { Caller } from '../auth/caller.ts'
import type { LoginLimiter } from '../auth/login-limiter.ts'
import type { Logger } from '../server/logger.ts'
import { gitEnvironment } from './git.ts'
import { basicPassword, cgiEnvironment, type GitRequest, parseRequest } from './git-request.ts'
import { runHttpBackend } from './http-backend.ts'
import type { PushRegistry } from './pushes.ts'
import { settleDeployedRef } from './refs.ts'
import { PACK_LIMIT_BYTES, type Repositories, serviceConfig } from './repositories.ts'
import { type PushDependencies, servePush } from './serve-push.ts'

export interface GitRouteOptions {
  db: Database
  authenticator: Authenticator
  loginLimiter: LoginLimiter
  repositories: Repositories
  pushes: PushRegistry
  logger: Logger
  /** What takes pushes. */
  push: PushDependencies
}

/** `/git/<team>/<project>/<environment>/<app>.git`: fetch for those who may read the app, push for those who may deploy it. */
export async function addGitRoutes(server: FastifyInstance, options: GitRouteOptions): Promise<void> {
  await server.register(async (scope) => {
    // Bodies are streamed to git as they come; its limit is counted there.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'POST'],
      url: '/git/*',
      handler: (request, reply) => serve(options, request, reply),
    })
  })
}

async function serve(options: GitRouteOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  try {
    const wanted = parseRequest(request)
    const { caller, appId } = await authorize(options, request, wanted)
    await options.repositories.ensure(appId)
    reply.hijack()
    await exchange(options, request, reply, wanted, caller, appId)
    return reply
  } catch (error) {
    if (reply.sent) {
      options.logger.error({ err: error, requestId: request.id }, 'a git exchange broke off')
      reply.raw.destroy()
      return reply
    }
    if (!isAppError(error)) throw error
    return refuse(request, reply, error)
  }
}

/** git shows bodies of type text/plain to people, each line after `remote: `. */
function refuse(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Basic realm="Slipway", charset="UTF-8"')
  if (error.code === 'rate_limited' && typeof error.details.retryAfterMs === 'number') {
    reply.header('retry-after', String(Math.ceil(error.details.retryAfterMs / 1000)))
  }
  // What the client still sends has nowhere to go.
  if (request.method === 'POST') reply.header('connection', 'close')
  return reply
    .status(httpStatusOf(error.code))
    .header('cache-control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send(`${error.message}\n`)
}

async function authorize(
  { db, authenticator, loginLimiter }: GitRouteOptions,
  request: FastifyRequest,
  { ref, service }: GitRequest,
): Promise<{ caller: Caller; appId: string }> {
  const password = basicPassword(request.headers.authorization)
  if (password === null) {
    throw new AppError(
      'unauthenticated',
      'Sign in with any user name and an API token as the password. Make one in your account, or with: slipway login',
    )
  }
  const caller = await loginLimiter.attempt({ account: null, address: request.ip }, () =>
    authenticator.byToken(password),
  )
  const { app } = await appScope(db, caller, ref, service === 'git-receive-pack' ? 'app.deploy' : 'app.read')
  return { caller, appId: app.id }
}

async function exchange(
  options: GitRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: GitRequest,
  caller: Caller,
  appId: string,
): Promise<void> {
  const { repositories, logger, db } = options
  const { service, path } = wanted
  if (service === 'git-receive-pack' && request.method === 'POST') {
    await takePush(options, request, reply, wanted, caller, appId)
    return
  }
  if (request.method === 'GET') await settleDeployedRef(db, repositories, appId)
  await runHttpBackend({
    request: request.raw,
    response: reply.raw,
    env: {
      ...gitEnvironment(serviceConfig()),
      ...cgiEnvironment(request, `/${appId}.git/${path}`, caller),
      GIT_PROJECT_ROOT: repositories.root,
      GIT_HTTP_EXPORT_ALL: '1',
    },
    bodyLimitBytes: PACK_LIMIT_BYTES,
    onStderr: (text) => logger.debug({ requestId: request.id, text }, 'git http-backend'),
  })
}

async function takePush(
  options: GitRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  { ref }: GitRequest,
  caller: Caller,
  appId: string,
): Promise<void> {
  const { repositories, pushes, logger } = options
  const refuseRaw = (status: number, text: string) => {
    request.raw.resume()
    reply.raw.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    reply.raw.end(`${text}\n`)
  }
  if (Number(request.headers['content-length'] ?? 0) > PACK_LIMIT_BYTES) {
    refuseRaw(413, 'This push is too large. A push may be at most 512 MiB; leave large files out of the repository.')
    return
  }
  const actor = { name: caller.name, email: caller.email }
  const push = pushes.open({ appId, ref, actor, repositoryPath: repositories.path(appId) })
  if (push === null) {
    refuseRaw(503, 'Too many pushes are under way. Try again in a moment.')
    return
  }
  const startedAt = Date.now()
  try {
    await servePush(options.push, push, request.raw, reply.raw)
    logger.info({ requestId: request.id, app: ref, durationMs: Date.now() - startedAt }, 'git push')
  } catch (error) {
    if (!isAppError(error) || reply.raw.headersSent) throw error
    refuseRaw(httpStatusOf(error.code), error.message)
  } finally {
    pushes.close(push.id)
  }
}
