import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError, forbidden, unauthorized } from '../errors.ts'
import { groupOf, type ResourceType } from '../resources.ts'
import type { ResourceRequest } from './request-info.ts'
import type { ServiceAccountTokens, UserInfo } from './tokens.ts'

/** Paths that need no account, as the role system:public-info-viewer grants them. */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version'])

export type Identity = 'anonymous' | UserInfo

/** The tokens that are known: the one user's, and those of service accounts. */
export interface Credentials {
  token: string
  accounts: ServiceAccountTokens
}

const admin: UserInfo = { username: 'slipway', groups: ['system:masters', 'system:authenticated'] }

/** Whose token it is; null for one that is not known. */
export async function userOf(
  { token, accounts }: Credentials,
  given: string,
  audiences?: readonly string[],
): Promise<UserInfo | null> {
  return timingSafeEqual(digest(given), digest(token)) ? admin : accounts.verify(given, audiences)
}

/** @throws ApiError 401 for credentials that are wrong; none at all are `anonymous`. */
export async function authenticate(request: IncomingMessage, credentials: Credentials): Promise<Identity> {
  const header = request.headers.authorization
  const given = header === undefined ? webSocketToken(request) : /^Bearer\s+(.+)$/i.exec(header)?.[1]?.trim()
  if (header === undefined && given === null) return 'anonymous'
  const user = given === undefined || given === null ? null : await userOf(credentials, given)
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

/** @throws ApiError 403 for anonymous requests outside the public paths. */
export function authorize(identity: Identity, method: string, path: string, resource: AuthorizedResource | null): void {
  if (identity !== 'anonymous' || publicPaths.has(path)) return
  if (resource === null) {
    const verb = method.toLowerCase()
    throw new ApiError(403, 'Forbidden', `forbidden: User "system:anonymous" cannot ${verb} path "${path}"`, {})
  }
  const { type, namespace, name = '', subresource } = resource
  const what = subresource === undefined ? type.plural : `${type.plural}/${subresource}`
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  throw forbidden(
    type,
    name,
    `User "system:anonymous" cannot ${verbOf(method, name)} resource "${what}" in API group "${groupOf(type)}" ${scope}`,
  )
}

export interface AuthorizedResource {
  type: ResourceType
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
}

function verbOf(method: string, name: string): string {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete'
    default:
      return name === '' ? 'list' : 'get'
  }
}

export function asAuthorized(parsed: ResourceRequest): AuthorizedResource {
  const { strategy, namespace, name, subresource } = parsed
  return { type: strategy.type, namespace, name, subresource }
}
