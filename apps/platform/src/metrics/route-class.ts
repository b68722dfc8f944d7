/** Kinds of paths that the platform answers; a kind is a label, so there are few. */
export type RouteClass = 'api' | 'git' | 'hooks' | 'internal' | 'health' | 'pages'

const BY_FIRST_SEGMENT: Readonly<Record<string, RouteClass>> = {
  trpc: 'api',
  git: 'git',
  hooks: 'hooks',
  internal: 'internal',
  healthz: 'health',
  readyz: 'health',
}

/** The kind of a request's path; whatever is not ours is the console's. */
export function routeClassOf(url: string): RouteClass {
  const segment = /^\/([a-z]+)(?=[/?]|$)/.exec(url)?.[1] ?? ''
  return Object.hasOwn(BY_FIRST_SEGMENT, segment) ? (BY_FIRST_SEGMENT[segment] ?? 'pages') : 'pages'
}
