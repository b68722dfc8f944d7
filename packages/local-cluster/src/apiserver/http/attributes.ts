/** What is asked of the authorizer: a resource, or a path that is none. */
export type Attributes = ResourceAttributes | PathAttributes

export interface ResourceAttributes {
  verb: string
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}

export interface PathAttributes {
  verb: string
  path: string
}

const verbs: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}
/** `/namespaces/NAME/status` is part of the namespace, not in it. */
const namespaceParts = new Set(['status', 'finalize'])

/**
 * Reads the request's path, whether or not such a kind is served.
 * Reference: k8s.io/apiserver/pkg/endpoints/request.RequestInfoFactory.
 */
export function attributesOf(method: string, url: URL): Attributes {
  const verb = verbs[method] ?? method.toLowerCase()
  const [root, ...rest] = url.pathname.split('/').filter((part) => part !== '')
  const group = root === 'apis' ? (rest.shift() ?? '') : ''
  const [, ...parts] = rest
  if ((root !== 'api' && root !== 'apis') || parts.length === 0) {
    return { verb: method.toLowerCase(), path: url.pathname }
  }
  const namespace = parts[0] === 'namespaces' ? parts[1] : undefined
  if (namespace !== undefined && parts.length > 2 && !namespaceParts.has(parts[2] ?? '')) parts.splice(0, 2)
  const [resource = '', named, subresource] = parts
  const name = named ?? nameInSelector(url.searchParams)
  return {
    verb: named === undefined ? verbOfMany(verb, url.searchParams) : verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  }
}

function verbOfMany(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection'
  if (verb !== 'get') return verb
  return ['', '1', 'true'].includes(query.get('watch')?.toLowerCase() ?? 'false') ? 'watch' : 'list'
}

/** A list of one name is judged by the rules for that name. */
function nameInSelector(query: URLSearchParams): string | undefined {
  return /^metadata\.name==?([^,=!]+)$/.exec(query.get('fieldSelector') ?? '')?.[1]
}
