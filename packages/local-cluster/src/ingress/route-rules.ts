import type { BackendRef, HttpRoute, NamedValue, RouteMatch, RouteRule } from './objects.ts'
import type { Backend, PathMatch, Rule, ValueMatch } from './rules.ts'

/** What a route asks for that is not there, in a sentence: it is not taken at all then. Null where it can be followed. */
export function unsupported({ spec: { rules = [] } }: HttpRoute): string | null {
  for (const [index, { matches = [], filters = [], backendRefs = [], timeouts }] of rules.entries()) {
    const at = `rule ${index + 1}`
    const [filter] = [...filters, ...backendRefs.flatMap((backend) => backend.filters ?? [])]
    if (filter !== undefined) return `${at}: filters of type ${filter.type} are not supported`
    if (timeouts !== undefined) return `${at}: timeouts are not supported`
    const values = matches.flatMap(({ path, headers = [], queryParams = [] }) => [path, ...headers, ...queryParams])
    if (values.some((value) => value?.type === 'RegularExpression'))
      return `${at}: regular expressions are not supported`
  }
  return null
}

/** Rules of an HTTPRoute by host. Reference: https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export function httpRouteRules(route: HttpRoute, hosts: readonly string[]): [string, Rule][] {
  if (unsupported(route) !== null) return []
  const rules: Rule[] = []
  for (const rule of route.spec.rules ?? []) rules.push(...readRule(route, rule, rules.length))
  // One list of backends for all matches and hosts of a rule: weights count over all its requests.
  return hosts.flatMap((host) => rules.map((rule): [string, Rule] => [host, rule]))
}

function readRule(route: HttpRoute, rule: RouteRule, first: number): Rule[] {
  const { namespace = '', name, creationTimestamp: created = '' } = route.metadata
  const backends = (rule.backendRefs ?? []).map((backend) => readBackend(namespace, backend))
  const matches = rule.matches === undefined || rule.matches.length === 0 ? [{}] : rule.matches
  return matches.map(
    (match: RouteMatch, at): Rule => ({
      namespace,
      source: `HTTPRoute ${namespace}/${name}`,
      index: first + at,
      created,
      brokenStatus: 500,
      backends,
      path: readPath(match.path),
      ...(match.method === undefined ? {} : { method: match.method }),
      headers: firstOfEach(match.headers, (each) => each.toLowerCase()),
      query: firstOfEach(match.queryParams, (each) => each),
      deep: true,
    }),
  )
}

function readBackend(namespace: string, { group = '', kind = 'Service', weight = 1, ...backend }: BackendRef): Backend {
  return {
    service: backend.name,
    port: backend.port === undefined ? {} : { number: backend.port },
    weight,
    // No ReferenceGrants are served, so nothing of another namespace is ever granted.
    refused: group !== '' || kind !== 'Service' || (backend.namespace ?? namespace) !== namespace,
    credit: 0,
  }
}

function readPath(path: RouteMatch['path']): PathMatch {
  const { type = 'PathPrefix', value = '/' } = path ?? {}
  return { type: type === 'Exact' ? 'exact' : 'prefix', value }
}

/** Of conditions with the same name the first counts. */
function firstOfEach(values: readonly NamedValue[] = [], fold: (name: string) => string): ValueMatch[] {
  const found = new Map<string, ValueMatch>()
  for (const each of values) {
    const name = fold(each.name)
    if (!found.has(name)) found.set(name, { name, value: each.value })
  }
  return [...found.values()]
}
