import type { Database } from '@slipway/db'
import { AppError } from '@slipway/domain'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { basicCredentials } from '../auth/basic.ts'
import type { LoginLimiter } from '../auth/login-limiter.ts'
import { isSame } from './credentials.ts'
import type { OwnRegistry } from './own-registry.ts'
import { accessOf } from './rights.ts'
import { type Access, REGISTRY_SERVICE } from './token-key.ts'

export interface TokenRouteOptions {
  db: Database
  registry: OwnRegistry
  loginLimiter: LoginLimiter
  now: () => Date
}

/** The least that clients expect; a build's push ends this soon after the build. */
const TOKEN_LIFE_SECONDS = 60
const MAX_SCOPES = 20

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const querySchema = z.object({ service: z.string().default(REGISTRY_SERVICE), scope: texts.default([]) })
const formSchema = querySchema.extend({
  grant_type: z.literal('password'),
  username: z.string(),
  password: z.string(),
})

/**
 * `/registry/token`: tokens for our registry, by the two ways that clients know.
 * References: https://distribution.github.io/distribution/spec/auth/token/ and https://distribution.github.io/distribution/spec/auth/oauth/
 */
export async function addTokenRoutes(server: FastifyInstance, options: TokenRouteOptions): Promise<void> {
  await server.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    scope.get('/registry/token', async (request, reply) => {
      const query = querySchema.safeParse(request.query)
      if (!query.success) return refuse(reply, 400, 'UNSUPPORTED', 'The request names its scopes in another way.')
      return answer(options, request, reply, basicCredentials(request.headers.authorization), query.data)
    })
    scope.post('/registry/token', async (request, reply) => {
      const form = formSchema.safeParse(request.body)
      if (!form.success) return refuse(reply, 400, 'UNSUPPORTED', 'Only grants of the type password are given.')
      return answer(options, request, reply, form.data, form.data)
    })
  })
}

async function answer(
  options: TokenRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  who: { username: string; password: string } | null,
  { service, scope }: z.infer<typeof querySchema>,
): Promise<FastifyReply> {
  if (service !== REGISTRY_SERVICE) return refuse(reply, 400, 'UNSUPPORTED', `The service is ${REGISTRY_SERVICE}.`)
  const wanted = scopesOf(scope)
  if (wanted.length > MAX_SCOPES) return refuse(reply, 400, 'UNSUPPORTED', `At most ${MAX_SCOPES} scopes.`)
  const access = who === null ? null : await grant(options, who, wanted, request.ip)
  if (access === null) return refuse(reply, 401, 'UNAUTHORIZED', 'These credentials are wrong, or their time is over.')
  const now = options.now()
  const terms = { subject: who?.username ?? '', access, lifeSeconds: TOKEN_LIFE_SECONDS, now }
  const token = options.registry.key.sign(terms)
  return reply
    .header('cache-control', 'no-store')
    .send({ token, access_token: token, expires_in: TOKEN_LIFE_SECONDS, issued_at: now.toISOString() })
}

/** Null for credentials that are wrong. Those that we made cannot be guessed, so only the operator's are limited. */
async function grant(
  { db, registry, loginLimiter }: TokenRouteOptions,
  { username, password }: { username: string; password: string },
  wanted: readonly Access[],
  address: string,
): Promise<Access[] | null> {
  const made = registry.credentials.read(username, password)
  if (made !== null) return accessOf(db, registry.places, made, wanted)
  const { operator } = registry
  if (operator === null || username !== operator.username) return null
  const check = async () => {
    if (!isSame(password, operator.password)) throw new AppError('unauthenticated', 'These credentials are wrong.')
  }
  await loginLimiter.attempt({ account: null, address }, check)
  return [...wanted]
}

function refuse(reply: FastifyReply, status: 400 | 401, code: string, message: string): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Basic realm="Slipway registry", charset="UTF-8"')
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .send({ errors: [{ code, message }] })
}

/** `repository:acme/shop-web:pull,push`, several in one text too. What is no scope is not granted. */
function scopesOf(scopes: readonly string[]): Access[] {
  return scopes
    .flatMap((text) => text.split(' '))
    .flatMap((text) => {
      const [, type, name, actions] = /^([a-z]+)(?:\([a-z]+\))?:(.+):([a-z,*]+)$/.exec(text) ?? []
      return type && name && actions ? [{ type, name, actions: actions.split(',') }] : []
    })
}
