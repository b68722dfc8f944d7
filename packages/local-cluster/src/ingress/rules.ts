import type { BackendPort } from './objects.ts'

/** A Service that takes a share of a rule's requests. */
export interface Backend {
  service: string
  port: BackendPort
  weight: number
  /** It may not be sent to: of another kind, or in a namespace that has not allowed it. */
  refused: boolean
  /** How much of its share it still has to get; see `chooseBackend`. */
  credit: number
}

export interface PathMatch {
  /** `rest` for a default backend, which comes after all. */
  type: 'exact' | 'prefix' | 'rest'
  value: string
}

export interface ValueMatch {
  name: string
  value: string
}

/** Which requests of a host go where: a path of an Ingress, or a match of an HTTPRoute. */
export interface Rule {
  namespace: string
  /** Kind, namespace and name of its object and its place in it: of equals the first goes first. */
  source: string
  index: number
  /** When its object was made: of equals the older wins. */
  created: string
  /** How a rule answers that has no backend that works: 503 for an Ingress, 500 for an HTTPRoute. */
  brokenStatus: 500 | 503
  backends: readonly Backend[]
  path: PathMatch
  method?: string
  headers: readonly ValueMatch[]
  query: readonly ValueMatch[]
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

/** True when the rule takes the request. */
export function takes(rule: Rule, request: RequestFacts): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false
  if (!matchesPath(rule.path, request.path)) return false
  return (
    rule.headers.every(
      ({ name, value }) => request.headers[name] !== undefined && String(request.headers[name]) === value,
    ) && rule.query.every(({ name, value }) => request.query.get(name) === value)
  )
}

function matchesPath({ type, value }: PathMatch, path: string): boolean {
  if (type === 'exact') return path === value
  const prefix = value.replace(/\/+$/, '')
  return path === prefix || path.startsWith(`${prefix}/`)
}

const ranks: Record<PathMatch['type'], number> = { exact: 0, prefix: 1, rest: 2 }

/**
 * Exact paths first, then longer prefixes, a method, more headers and parameters, the older object, the first by name and the first in it.
 * Reference: HTTPRouteRule.matches of the Gateway API.
 */
export function byPrecedence(a: Rule, b: Rule): number {
  return (
    ranks[a.path.type] - ranks[b.path.type] ||
    b.path.value.length - a.path.value.length ||
    Number(b.method !== undefined) - Number(a.method !== undefined) ||
    b.headers.length - a.headers.length ||
    b.query.length - a.query.length ||
    compare(a.created, b.created) ||
    compare(a.source, b.source) ||
    a.index - b.index
  )
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

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
