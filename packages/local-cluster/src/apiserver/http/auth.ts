import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError, forbidden, unauthorized } from '../../types/errors.ts'
import type { ApiCore } from '../core/core.ts'
import { type Attributes, attributesOf } from './attributes.ts'
import { isAllowed } from './rbac.ts'
import type { ServiceAccountTokens, UserInfo } from './tokens.ts'

/** Paths that need no account, as the role system:public-info-viewer grants them. */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version'])

/** The tokens that are known: the administrator's, and those of service accounts. */
export interface Credentials {
  token: string
  accounts: ServiceAccountTokens
}

const admin: UserInfo = { username: 'slipway', groups: ['system:masters', 'system:authenticated'] }
const anonymous: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

/** One decision of the authorizer, as an audit log has them. */
export interface AccessDecision {
  user: string
  verb: string
  /** `pods`, `deployments.apps`, `pods/log`, or a path. */
  resource: string
  allowed: boolean
}

/** Decides what a user may do. */
export interface Authorizer {
  /** @throws ApiError 403 in Kubernetes' words. */
  authorize(user: UserInfo, method: string, url: URL): void
  /** For a write that turns out to create its object. @throws ApiError 403 */
  authorizeCreate(user: UserInfo, url: URL): void
}

/** @throws ApiError 401 for credentials that are wrong; without any it is `system:anonymous`. */
export async function authenticate(request: IncomingMessage, { token, accounts }: Credentials): Promise<UserInfo> {
  const header = request.headers.authorization
  const given = header === undefined ? webSocketToken(request) : /^Bearer\s+(.+)$/i.exec(header)?.[1]?.trim()
  if (header === undefined && given === null) return anonymous
  if (given === undefined || given === null) throw unauthorized()
  const user = timingSafeEqual(digest(given), digest(token)) ? admin : await accounts.verify(given)
  if (user === null) throw unauthorized()
  return user
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Browsers cannot set headers on web sockets: the token may come as a subprotocol. */
function webSocketToken(request: IncomingMessage): string | null {
  const prefix = 'base64url.bearer.authorization.k8s.io.'
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim())
  const found = protocols.find((protocol) => protocol.startsWith(prefix))
  return found === undefined ? null : Buffer.from(found.slice(prefix.length), 'base64url').toString('utf8')
}

export function createAuthorizer(core: ApiCore, onDecision: (decision: AccessDecision) => void): Authorizer {
  const decide = (user: UserInfo, asked: Attributes): boolean => {
    const isPublic = 'path' in asked && asked.verb === 'get' && publicPaths.has(asked.path)
    const allowed = isPublic || isAllowed(core, user, asked)
    onDecision({ user: user.username, verb: asked.verb, resource: describe(asked), allowed })
    return allowed
  }
  return {
    authorize(user, method, url) {
      const asked = attributesOf(method, url)
      if (!decide(user, asked)) throw refusal(user, asked)
    },
    authorizeCreate(user, url) {
      const asked = { ...attributesOf('POST', url), verb: 'create' }
      if (!decide(user, asked)) throw refusal(user, asked, '')
    },
  }
}

function describe(asked: Attributes): string {
  if ('path' in asked) return asked.path
  const { group, resource, subresource } = asked
  return `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`
}

/** Reference: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters.Forbidden. */
function refusal({ username }: UserInfo, asked: Attributes, why?: string): ApiError {
  if ('path' in asked) {
    return new ApiError(403, 'Forbidden', `forbidden: User "${username}" cannot ${asked.verb} path "${asked.path}"`, {})
  }
  const { verb, group, resource, subresource, namespace, name = '' } = asked
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return forbidden(
    { apiVersion: group === '' ? 'v1' : `${group}/v1`, plural: resource },
    name,
    why ?? `User "${username}" cannot ${verb} resource "${what}" in API group "${group}" ${scope}`,
  )
}
