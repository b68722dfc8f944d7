import type { BackendRef, Filter, HeaderFilter, PathChange, Redirect } from './objects.ts'
import type { Backend, Rule } from './rules.ts'

/** How a request and its answer are changed on their way. */
export interface Treatment {
  /** Path and query to ask for instead. */
  path?: string
  /** Host to name instead. */
  host?: string
  requestHeaders: readonly HeaderFilter[]
  responseHeaders: readonly HeaderFilter[]
  /** Longest time until the answer has ended, and of one attempt at a backend. */
  requestTimeoutMs?: number
  backendTimeoutMs?: number
}

/** What filters make of a request: an answer of their own, or a treatment and Services that are sent a copy. */
export type Filtered =
  | { redirect: { status: number; location: string } }
  | { treatment: Treatment; mirrors: BackendRef[]; unknown: boolean }

export interface AskedFor {
  url: URL
  /** As the client sees it: the scheme, and the host with its port. */
  scheme: string
  host: string
}

/** Applies the filters of a rule and of the backend that was chosen. */
export function applyFilters(rule: Rule, backend: Backend | null, asked: AskedFor): Filtered {
  const filters = [...rule.filters, ...(backend?.filters ?? [])]
  const redirect = filters.find((filter) => filter.requestRedirect !== undefined)?.requestRedirect
  if (redirect !== undefined) return { redirect: redirectTo(redirect, rule, asked) }
  const { requestMs, backendMs } = rule.timeouts
  const rewrites = filters.flatMap(({ urlRewrite }) => urlRewrite ?? [])
  const change = rewrites.find(({ path }) => path !== undefined)?.path
  const host = rewrites.find(({ hostname }) => hostname !== undefined)?.hostname
  return {
    mirrors: filters.flatMap(({ requestMirror }) =>
      requestMirror !== undefined && isSampled(requestMirror) ? requestMirror.backendRef : [],
    ),
    unknown: filters.some(isUnknown),
    treatment: {
      ...(change === undefined ? {} : { path: changedPath(change, rule, asked.url.pathname) + asked.url.search }),
      ...(host === undefined ? {} : { host }),
      requestHeaders: filters.flatMap(({ requestHeaderModifier }) => requestHeaderModifier ?? []),
      responseHeaders: filters.flatMap(({ responseHeaderModifier }) => responseHeaderModifier ?? []),
      ...(requestMs === undefined ? {} : { requestTimeoutMs: requestMs }),
      ...(backendMs === undefined ? {} : { backendTimeoutMs: backendMs }),
    },
  }
}

/** Filters that are not known must not be skipped: their requests are answered 500. */
export const isUnknown = (filter: Filter) =>
  filter.requestHeaderModifier === undefined &&
  filter.responseHeaderModifier === undefined &&
  filter.requestRedirect === undefined &&
  filter.urlRewrite === undefined &&
  filter.requestMirror === undefined

function isSampled({ percent, fraction }: NonNullable<Filter['requestMirror']>): boolean {
  if (fraction !== undefined) return Math.random() * (fraction.denominator ?? 100) < fraction.numerator
  return percent === undefined || Math.random() * 100 < percent
}

const wellKnownPorts: Record<string, number> = { http: 80, https: 443 }

/** Where a redirect leads. Without a port of its own it keeps the client's, unless the scheme brings another. */
function redirectTo(redirect: Redirect, rule: Rule, { url, scheme: asked, host }: AskedFor) {
  const scheme = redirect.scheme ?? asked
  const own = URL.parse(`${asked}://${host}`)
  const port = redirect.port ?? (redirect.scheme === undefined ? Number(own?.port ?? '') : wellKnownPorts[scheme])
  const shown = port === undefined || port === 0 || port === wellKnownPorts[scheme] ? '' : `:${port}`
  const path = redirect.path === undefined ? url.pathname : changedPath(redirect.path, rule, url.pathname)
  const location = `${scheme}://${redirect.hostname ?? own?.hostname ?? ''}${shown}${path}${url.search}`
  return { status: redirect.statusCode ?? 302, location }
}

/** `/one/two` with the prefix `/one` replaced by `/three` is `/three/two`; an empty path is `/`. */
function changedPath(change: PathChange, { path: match }: Rule, path: string): string {
  if (change.type === 'ReplaceFullPath') return change.replaceFullPath || '/'
  const prefix = match.type === 'prefix' ? match.value.replace(/\/+$/, '') : ''
  const start = (change.replacePrefixMatch ?? '').replace(/\/+$/, '')
  const rest = path.slice(prefix.length)
  return `${start}${rest}` || '/'
}

/** Headers as a filter changes them; names are in small letters. */
export function changeHeaders<T extends string | string[]>(
  headers: Readonly<Record<string, T>>,
  filters: readonly HeaderFilter[],
): Record<string, string | string[]> {
  const changed: Record<string, string | string[]> = { ...headers }
  for (const { set = [], add = [], remove = [] } of filters) {
    for (const name of remove) delete changed[name.toLowerCase()]
    for (const { name, value } of set) changed[name.toLowerCase()] = value
    for (const { name, value } of add) {
      const before = changed[name.toLowerCase()]
      changed[name.toLowerCase()] = before === undefined ? value : [before, value].flat()
    }
  }
  return changed
}
