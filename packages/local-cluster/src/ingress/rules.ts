import type { KubernetesObject } from '../api/objects.ts'

export interface BackendPort {
  number?: number
  name?: string
}

/** A Service that takes a share of a rule's requests. */
interface Backend {
  service: string
  port: BackendPort
  weight: number
  /** How much of its share it still has to get; see `chooseBackend`. */
  credit: number
}

interface NamedValue {
  name: string
  value: string
  type?: string
}

/** Which requests of a host go where: a path of an Ingress, or a match of an HTTPRoute. */
export interface Rule {
  namespace: string
  /** Empty: requests are answered 503. */
  backends: Backend[]
  path: string
  exact: boolean
  method?: string
  headers: NamedValue[]
  query: NamedValue[]
  /** When its object was made: of equals the older wins. */
  created: string
  /** A wildcard host stands for several labels, as in the Gateway API; in an Ingress for one. */
  deep: boolean
}

/** What rules look at of a request. */
export interface RequestFacts {
  path: string
  method: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  query: URLSearchParams
}

export interface Ingress extends KubernetesObject {
  spec: {
    ingressClassName?: string
    rules?: {
      host?: string
      http?: {
        paths: { path?: string; pathType?: string; backend: { service?: { name: string; port: BackendPort } } }[]
      }
    }[]
  }
}

export interface Gateway extends KubernetesObject {
  spec: { gatewayClassName: string; listeners: { name: string; hostname?: string; protocol: string }[] }
}

export interface HttpRoute extends KubernetesObject {
  spec: {
    parentRefs?: { kind?: string; name: string; namespace?: string; sectionName?: string }[]
    hostnames?: string[]
    rules?: {
      matches?: {
        path?: { type?: string; value?: string }
        method?: string
        headers?: NamedValue[]
        queryParams?: NamedValue[]
      }[]
      backendRefs?: { kind?: string; name: string; namespace?: string; port?: number; weight?: number }[]
    }[]
  }
}

/** Rules of an Ingress by host; the empty host is every host. */
export function ingressRules(ingress: Ingress): [string, Rule][] {
  const { namespace = '', creationTimestamp: created = '' } = ingress.metadata
  return (ingress.spec.rules ?? []).flatMap(({ host = '', http }) =>
    (http?.paths ?? []).flatMap(({ path = '/', pathType, backend: { service } }): [string, Rule][] => {
      if (service === undefined) return []
      const backends = [{ service: service.name, port: service.port, weight: 1, credit: 0 }]
      const exact = pathType === 'Exact'
      return [[host, { namespace, backends, path, exact, headers: [], query: [], created, deep: false }]]
    }),
  )
}

/** Rules of an HTTPRoute by host, as far as it belongs to one of these Gateways (`namespace/name`). */
export function httpRouteRules(route: HttpRoute, gateways: ReadonlyMap<string, Gateway>): [string, Rule][] {
  const { namespace = '', creationTimestamp: created = '' } = route.metadata
  const hosts = (route.spec.parentRefs ?? []).flatMap((parent) => {
    const gateway = gateways.get(`${parent.namespace ?? namespace}/${parent.name}`)
    const listeners = gateway?.spec.listeners.filter(
      ({ name }) => parent.sectionName === undefined || parent.sectionName === name,
    )
    return (listeners ?? []).flatMap(({ hostname }) => commonHosts(route.spec.hostnames ?? [], hostname))
  })
  return [...new Set(hosts)].flatMap((host) =>
    (route.spec.rules ?? []).flatMap((rule) => {
      // One list for all matches of a rule: weights count over all its requests.
      const backends = (rule.backendRefs ?? [])
        .filter(({ kind = 'Service', namespace: other = namespace }) => kind === 'Service' && other === namespace)
        .map(({ name, port, weight = 1 }) => ({
          service: name,
          port: port === undefined ? {} : { number: port },
          weight,
          credit: 0,
        }))
      return (rule.matches ?? [{}]).map(({ path, method, headers = [], queryParams = [] }): [string, Rule] => [
        host,
        {
          namespace,
          backends,
          path: path?.value ?? '/',
          exact: path?.type === 'Exact',
          ...(method === undefined ? {} : { method }),
          headers,
          query: queryParams,
          created,
          deep: true,
        },
      ])
    }),
  )
}

/** Hosts that both the route and the listener name. */
function commonHosts(names: readonly string[], listener: string | undefined): string[] {
  if (listener === undefined) return names.length === 0 ? [''] : [...names]
  if (names.length === 0) return [listener]
  const under = (name: string, pattern: string) =>
    name === pattern || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))
  return names.flatMap((name) => (under(name, listener) ? [name] : under(listener, name) ? [listener] : []))
}

/** True when the rule takes the request. Regular expressions take nothing: the local cluster has none. */
export function takes(rule: Rule, request: RequestFacts): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false
  if (!matchesPath(rule, request.path)) return false
  const isExact = ({ type = 'Exact' }: NamedValue) => type === 'Exact'
  return (
    rule.headers.every(
      (each) => isExact(each) && String(request.headers[each.name.toLowerCase()] ?? '') === each.value,
    ) && rule.query.every((each) => isExact(each) && request.query.get(each.name) === each.value)
  )
}

function matchesPath({ path: wanted, exact }: Rule, path: string): boolean {
  if (exact) return path === wanted
  const prefix = wanted.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

/** Exact paths first, then longer ones, a method, more headers and parameters, and the older object. */
export function byPrecedence(a: Rule, b: Rule): number {
  return (
    Number(b.exact) - Number(a.exact) ||
    b.path.length - a.path.length ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length ||
    a.created.localeCompare(b.created)
  )
}

/**
 * The backend whose turn it is: each gets its share evenly spread, not in runs (smooth weighted round robin, as nginx
 * does it). Null where no backend has a weight.
 */
export function chooseBackend(rule: Rule): Backend | null {
  const total = rule.backends.reduce((sum, { weight }) => sum + weight, 0)
  let chosen: Backend | null = null
  for (const backend of rule.backends) {
    backend.credit += backend.weight
    if (backend.weight > 0 && (chosen === null || backend.credit > chosen.credit)) chosen = backend
  }
  if (chosen !== null) chosen.credit -= total
  return chosen
}
