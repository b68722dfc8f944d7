import { createHash } from 'node:crypto'
import type { TrackName } from '@slipway/domain'

/** Kubernetes' limit for names that become DNS labels (RFC 1123), and for label values. */
const NAME_MAX = 63
const HASH_LENGTH = 9
const RUN_SUFFIX_LENGTH = 8
const NAMESPACE_PREFIX = 'slipway-'

/**
 * Joins slugs with dashes to a name of at most 63 characters that no other slugs give. Where the plain join would be too
 * long, or could be read in two ways because a part after the first has a dash of its own, it ends in a hash. Hashes begin
 * with a digit, which no slug does, so that neither form can be taken for the other.
 */
function joinSlugs(prefix: string, parts: readonly string[], suffix = ''): string {
  const plain = prefix + parts.join('-')
  const unambiguous = parts.slice(1).every((part) => !part.includes('-'))
  const longest = NAME_MAX - suffix.length
  if (unambiguous && plain.length <= longest) return plain + suffix
  const digest = createHash('sha256').update(parts.join('/')).digest()
  const number = digest.readBigUInt64BE(0)
  const hash = `${number % 10n}${(number / 10n)
    .toString(36)
    .padStart(HASH_LENGTH - 1, '0')
    .slice(-(HASH_LENGTH - 1))}`
  return `${plain.slice(0, longest - HASH_LENGTH - 1).replace(/-+$/, '')}-${hash}${suffix}`
}

/**
 * Kubernetes namespace of an environment: `slipway-<team>-<project>-<environment>`, cut and ended with a hash where that is
 * too long or not unique. The prefix keeps a team from choosing slugs that would name a namespace of the cluster's own.
 */
export function namespaceOf(team: string, project: string, environment: string): string {
  return joinSlugs(NAMESPACE_PREFIX, [team, project, environment])
}

/** Whether a namespace may be an environment's, or one of builds: of any Slipway on the cluster. */
export const isOurNamespace = (namespace: string): boolean => namespace.startsWith(NAMESPACE_PREFIX)

/** Two dashes: no slug ends in one, so that no process can be called so. */
const CANDIDATE = '--candidate'

/**
 * Name of the Deployment, Service and PodDisruptionBudget of one process: `<app>-<process>`, the same for the app's life; of the
 * candidate's track `<app>-<process>--candidate`.
 */
export function workloadName(app: string, process: string, track: TrackName = 'stable'): string {
  return joinSlugs('', [app, process], track === 'candidate' ? CANDIDATE : '')
}

/** Name of the Job of a command that runs once; the end of its id is random. */
export function runJobName({ app, run }: { app: string; run: string }): string {
  return joinSlugs('', [app, 'run', run.slice(-RUN_SUFFIX_LENGTH)])
}

/** Name of the Job of a release's own command: one a release, so that it never runs twice. */
export function releaseJobName({ app, release }: { app: string; release: number }): string {
  return joinSlugs('', [app, 'release', `v${release}`])
}

/** Name of the immutable Secret that holds a release's config: `<app>-v<release>`. */
export function secretName(app: string, release: number): string {
  return `${app}-v${release}`
}

/** Name of the app's Ingress. */
export function ingressName(app: string): string {
  return app
}

/** Name of the Secret that holds a host's certificate. */
export function tlsSecretName(app: string, hostname: string): string {
  const hash = createHash('sha256').update(hostname).digest('hex').slice(0, HASH_LENGTH)
  return `${app}-tls-${hash}`
}

/** Which build: its app's place and its number. */
export interface BuildPlace {
  team: string
  project: string
  environment: string
  app: string
  build: number
}

/** Name of a build's Job and of its Secret: of team, project, environment, app and build number. */
export function buildJobName(build: BuildPlace): string {
  const base = joinSlugs('', [build.app, build.project, build.environment, build.team])
  const suffix = `-b${build.build}`
  if (base.length + suffix.length <= NAME_MAX) return base + suffix
  const hash = createHash('sha256').update([build.team, build.project, build.environment, build.app].join('/'))
  return `${base.slice(0, NAME_MAX - suffix.length - 11).replace(/-+$/, '')}-${hash.digest('hex').slice(0, 10)}${suffix}`
}

/** Repository of an app's images within the registry: `<team>/<project>-<app>`. Environments share it, and with it the layers. */
export function imageRepositoryOf(app: { team: string; project: string; app: string }): string {
  return `${app.team}/${app.project}-${app.app}`
}

/**
 * Repository that keeps the layers of base images from other registries, so that each is sent once and mounted from then on. The
 * dot keeps it apart from teams' repositories.
 */
export const BASE_REPOSITORY = 'slipway.base/layers'
