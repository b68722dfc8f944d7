import type { Database } from '@slipway/db'
import { AppError, httpStatusOf, isAppError } from '@slipway/domain'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator } from '../auth/authenticate.ts'
import { basicCredentials } from '../auth/basic.ts'
import type { Caller } from '../auth/caller.ts'
import type { LoginLimiter } from '../auth/login-limiter.ts'
import { requireScope } from '../auth/require-scope.ts'
import { appScope } from '../auth/scope.ts'
import { PACK_PACE, watchBody } from '../server/body-pace.ts'
import { createHeldLimiter, type HeldLimiter } from '../server/fair-limiter.ts'
import type { Logger } from '../server/logger.ts'
import { gitEnvironment } from './git.ts'
import { cgiEnvironment, type GitRequest, parseRequest } from './git-request.ts'
import { runHttpBackend } from './http-backend.ts'
import type { PushRegistry } from './pushes.ts'
import { settleDeployedRef } from './refs.ts'
import { PACK_LIMIT_BYTES, type Repositories, serviceConfig } from './repositories.ts'
import { type PushDependencies, servePush } from './serve-push.ts'

/** Fetches and pushes of one account at once: each is a process of git. */
const EXCHANGES_OF_ACCOUNT = 24
const TOO_MANY = new AppError(
  'rate_limited',
  `${EXCHANGES_OF_ACCOUNT} fetches and pushes are already running for your account. Try again when one has finished.`,
  { retryAfterMs: 5000 },
)

export interface GitRouteOptions {
  db: Database
  authenticator: Authenticator
  loginLimiter: LoginLimiter
  repositories: Repositories
  /** Resolves when pushes may begin. */
  ready: Promise<void>
  pushes: PushRegistry
  logger: Logger
  /** Tells of accounts whose sessions, tokens or roles may have changed. */
  onAccountChange(listener: (userId: string) => void): () => void
  /** What takes pushes. */
  push: Omit<PushDependencies, 'accessLost'>
}

/** `/git/<team>/<project>/<environment>/<app>.git`: fetch for those who may read the app, push for those who may deploy it. */
export async function addGitRoutes(server: FastifyInstance, options: GitRouteOptions): Promise<void> {
  const exchanges = createHeldLimiter(EXCHANGES_OF_ACCOUNT)
  await server.register(async (scope) => {
    // Bodies are streamed to git as they come; its limit is counted there.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'POST'],
      url: '/git/*',
      handler: (request, reply) => serve(options, exchanges, request, reply),
    })
  })
}

async function serve(
  options: GitRouteOptions,
  exchanges: HeldLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  let giveBack: (() => void) | null = null
  try {
    const wanted = parseRequest(request)
    const { caller, appId } = await authorize(options, request, wanted)
    giveBack = exchanges.take(caller.userId)
    if (giveBack === null) throw TOO_MANY
    watchBody(request.raw, PACK_PACE, () =>
      request.raw.destroy(new AppError('unavailable', 'The push came too slowly.')),
    )
    await options.ready
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
  } finally {
    giveBack?.()
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
  const password = basicCredentials(request.headers.authorization)?.password ?? null
  if (password === null) {
    throw new AppError(
      'unauthenticated',
      'Sign in with any user name and an API token as the password. Create one in your account, or run: slipway login',
    )
  }
  const caller = await loginLimiter.attempt({ account: null, address: request.ip }, () =>
    authenticator.byToken(password),
  )
  const { app } = await appScope(db, caller, ref, service === 'git-receive-pack' ? 'app.deploy' : 'app.read')
  // Reading an app is not reading its source.
  requireScope(caller, 'deploy')
  return { caller, appId: app.id }
}

/** Fires once who asked may no longer do so: their token was revoked, or they were taken out of the team. */
function watchAccess(
  options: GitRouteOptions,
  request: FastifyRequest,
  wanted: GitRequest,
  userId: string,
): { lost: AbortSignal; stop: () => void } {
  const lost = new AbortController()
  const check = () =>
    authorize(options, request, wanted).catch((error: unknown) => {
      if (isAppError(error) && error.code !== 'unavailable') lost.abort(error)
      else options.logger.warn({ err: error, requestId: request.id }, 'the rights of a push could not be checked')
    })
  const stop = options.onAccountChange((changed) => {
    if (changed === userId) void check()
  })
  return { lost: lost.signal, stop }
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
  wanted: GitRequest,
  caller: Caller,
  appId: string,
): Promise<void> {
  const { repositories, pushes, logger } = options
  const { ref } = wanted
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
  const access = watchAccess(options, request, wanted, caller.userId)
  try {
    await servePush({ ...options.push, accessLost: access.lost }, push, request.raw, reply.raw)
    logger.info({ requestId: request.id, app: ref, durationMs: Date.now() - startedAt }, 'git push')
  } catch (error) {
    if (!isAppError(error) || reply.raw.headersSent) throw error
    refuseRaw(httpStatusOf(error.code), error.message)
  } finally {
    access.stop()
    pushes.close(push.id)
  }
}
