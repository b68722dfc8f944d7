import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { BackendRef, Filter, HeaderFilter, HttpRoute, NamedValue, RouteMatch, RouteRule } from './objects.ts'
import { type Pattern, patternCompiler } from './patterns.ts'
import type { Backend, PathMatch, Rule, ValueMatch } from './rules.ts'

type Compile = (source: string) => Pattern

/** A rule of a route that cannot be followed, and why; the others are. */
export interface BadRule {
  index: number
  why: string
}

/** Rules of an HTTPRoute by host. Reference: https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export function httpRouteRules(
  route: HttpRoute,
  hosts: readonly string[],
): { rules: [string, Rule][]; bad: BadRule[] } {
  const rules: Rule[] = []
  const bad: BadRule[] = []
  const compile = patternCompiler()
  for (const [index, rule] of (route.spec.rules ?? []).entries()) {
    try {
      rules.push(...readRule(route, rule, rules.length, compile))
    } catch (error) {
      bad.push({ index, why: error instanceof Error ? error.message : String(error) })
    }
  }
  // One list of backends for all matches and hosts of a rule: weights count over all its requests.
  return { rules: hosts.flatMap((host) => rules.map((rule): [string, Rule] => [host, rule])), bad }
}

/** @throws Error where a regular expression or a header is none. */
function readRule(route: HttpRoute, rule: RouteRule, first: number, compile: Compile): Rule[] {
  const { namespace = '', name, creationTimestamp: created = '' } = route.metadata
  const { filters = [], timeouts = {}, backendRefs = [] } = rule
  for (const filter of [...filters, ...backendRefs.flatMap((backend) => backend.filters ?? [])]) checkHeaders(filter)
  const backends = backendRefs.map((backend) => readBackend(namespace, backend))
  const [requestMs, backendMs] = [durationMs(timeouts.request), durationMs(timeouts.backendRequest)]
  const matches = rule.matches === undefined || rule.matches.length === 0 ? [{}] : rule.matches
  return matches.map(
    (match: RouteMatch, at): Rule => ({
      namespace,
      source: `HTTPRoute ${namespace}/${name}`,
      index: first + at,
      created,
      brokenStatus: 500,
      backends,
      path: readPath(match.path, compile),
      ...(match.method === undefined ? {} : { method: match.method }),
      headers: firstOfEach(match.headers, (each) => each.toLowerCase(), compile),
      query: firstOfEach(match.queryParams, (each) => each, compile),
      filters,
      timeouts: {
        ...(requestMs === undefined ? {} : { requestMs }),
        ...(backendMs === undefined ? {} : { backendMs }),
      },
      deep: true,
    }),
  )
}

function readBackend(namespace: string, { group = '', kind = 'Service', weight = 1, ...backend }: BackendRef): Backend {
  return {
    service: backend.name,
    port: backend.port === undefined ? {} : { number: backend.port },
    weight,
    filters: backend.filters ?? [],
    // No ReferenceGrants are served, so nothing of another namespace is ever granted.
    refused: group !== '' || kind !== 'Service' || (backend.namespace ?? namespace) !== namespace,
    credit: 0,
  }
}

function readPath(path: RouteMatch['path'], compile: Compile): PathMatch {
  const { type = 'PathPrefix', value = '/' } = path ?? {}
  if (type === 'RegularExpression') return { type: 'pattern', value, pattern: compile(value) }
  return { type: type === 'Exact' ? 'exact' : 'prefix', value }
}

/** Of conditions with the same name the first counts. */
function firstOfEach(
  values: readonly NamedValue[] = [],
  fold: (name: string) => string,
  compile: Compile,
): ValueMatch[] {
  const found = new Map<string, ValueMatch>()
  for (const each of values) {
    const name = fold(each.name)
    if (!found.has(name)) found.set(name, { name, matches: matcherOf(each, compile) })
  }
  return [...found.values()]
}

function matcherOf({ type, value: wanted }: NamedValue, compile: Compile): (value: string) => boolean {
  if (type !== 'RegularExpression') return (value) => value === wanted
  const pattern = compile(wanted)
  return (value) => pattern.matches(value)
}

function checkHeaders({ requestHeaderModifier, responseHeaderModifier }: Filter): void {
  for (const { set = [], add = [], remove = [] } of [requestHeaderModifier, responseHeaderModifier].filter(
    (each): each is HeaderFilter => each !== undefined,
  )) {
    for (const name of remove) validateHeaderName(name)
    for (const { name, value } of [...set, ...add]) {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    }
  }
}

const unitsMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** A duration such as `1m30s`; undefined where there is none, or where it is zero, which means no limit. */
function durationMs(text: string | undefined): number | undefined {
  let total = 0
  for (const [, count, unit] of (text ?? '').matchAll(/(\d+)(ms|h|m|s)/g))
    total += Number(count) * (unitsMs[unit ?? ''] ?? 0)
  return total === 0 ? undefined : total
}
