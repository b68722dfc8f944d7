import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../types/errors.ts'
import { groupOf, type ResourceType, versionOf } from '../../types/resources.ts'
import type { ApiCore } from '../core/core.ts'
import type { KindStrategy } from '../core/strategy.ts'

/** A request on a resource, taken apart. Reference: k8s.io/apiserver/pkg/endpoints/request.RequestInfo. */
export interface ResourceRequest {
  strategy: KindStrategy
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
  query: URLSearchParams
}

/** The address does not exist at all: plain text, not a Status. */
export class NoSuchPath extends Error {
  override readonly name = 'NoSuchPath'
}

export function parseResourcePath(core: ApiCore, url: URL): ResourceRequest {
  const [root, ...rest] = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  let group = ''
  if (root === 'apis') group = rest.shift() ?? ''
  else if (root !== 'api') throw new NoSuchPath(url.pathname)
  const version = rest.shift() ?? ''
  let namespace: string | undefined
  if (rest[0] === 'namespaces' && rest.length >= 3 && !namespaceSubresources.has(rest[2] ?? '')) {
    rest.shift()
    namespace = rest.shift()
  }
  const [plural, name, ...more] = rest
  const strategy = servedBy(core).get(`${group}/${version}/${plural}`)
  if (strategy === undefined || more.length > 1 || (namespace !== undefined && !strategy.type.namespaced)) {
    // Of a group that is served the answer is a Status, of others there is nobody to give one.
    const served = core.kinds.some(({ type }) => groupOf(type) === group)
    if (served) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
    throw new NoSuchPath(url.pathname)
  }
  return { strategy, namespace, name, subresource: more[0], query: url.searchParams }
}

type Served = Map<string, KindStrategy>
const served = new WeakMap<readonly KindStrategy[], Served>()

/** What is served, by group, version and plural. */
function servedBy({ kinds }: ApiCore): Served {
  const known = served.get(kinds)
  if (known !== undefined) return known
  const nameOf = (type: ResourceType) => `${groupOf(type)}/${versionOf(type)}/${type.plural}`
  const made: Served = new Map(kinds.map((strategy) => [nameOf(strategy.type), strategy]))
  served.set(kinds, made)
  return made
}

const namespaceSubresources = new Set(['status', 'finalize'])

export function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) throw new ApiError(400, 'BadRequest', `the path segment "${part}" is not valid`)
    throw error
  }
}

/** A flag of the query: whatever is not `false` or `0`, nothing at all included. Reference: runtime.Convert_Slice_string_To_bool. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}

/** `kubectl/v1.32 (linux)` writes as `kubectl` unless the query names a field manager. */
export function fieldManagerOf(request: IncomingMessage, query: URLSearchParams): string {
  const named = query.get('fieldManager') ?? ''
  if (named !== '') return named
  const agent = (request.headers['user-agent'] ?? '').split('/')[0] ?? ''
  return agent === '' ? 'unknown' : agent.slice(0, 128)
}
