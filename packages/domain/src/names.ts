import { z } from 'zod'

/**
 * Slug of a team, project, environment, app or process: a DNS label (RFC 1123), shortened to 40 characters so that the
 * names built from it (`<app>-<process>`, pods, hosts) stay inside Kubernetes' 63.
 */
export const SLUG_MAX = 40
export const slugSchema = z
  .string()
  .min(1, 'Enter a name.')
  .max(SLUG_MAX, `Use at most ${SLUG_MAX} characters.`)
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'Use lower-case letters, digits and dashes; start with a letter and end with a letter or digit.',
  )

/** Words that would collide with the console's or the platform's own addresses. */
const RESERVED_SLUGS = new Set([
  'admin', 'api', 'cli', 'cli-login', 'dev', 'docs', 'forgot', 'git', 'healthz', 'hooks', 'internal', 'invite', 'login', 'logout', 'metrics', 'new',
  'readyz', 'registry', 'reset', 'settings', 'setup', 'signin', 'signout', 'slipway', 'trpc', 'v2', 'welcome', 'www',
]) // biome-ignore format: one list

/** A slug that a person chooses: a slug that is not one of ours. */
export const newSlugSchema = slugSchema.refine(
  (slug) => !RESERVED_SLUGS.has(slug),
  'This name is reserved. Choose another.',
)

/** Slugs of a longer display name: "My Shop!" → "my-shop". Empty when nothing usable is left. */
export function slugify(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, SLUG_MAX)
    .replace(/-+$/, '')
}

/** Name of a config var, as POSIX shells take it. */
export const configKeySchema = z
  .string()
  .min(1, 'Enter a name.')
  .max(128, 'Use at most 128 characters.')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Use letters, digits and underscores; do not start with a digit.')

/** Names that the platform sets itself. */
export const RESERVED_CONFIG_KEYS: ReadonlySet<string> = new Set(['PORT'])

/** A fully qualified host name (RFC 1123), lower case, without a trailing dot. */
export const hostnameSchema = z
  .string()
  .toLowerCase()
  .max(253, 'A host name has at most 253 characters.')
  // Browsers read what ends in a number as an IPv4 address: 0x7f.1, 2130706433 (https://url.spec.whatwg.org/#ends-in-a-number-checker).
  .refine((host) => !/(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/.test(host) && !/[[\]:]/.test(host), {
    error: 'Enter a host name such as shop.example.com, not an IP address.',
    abort: true,
  })
  .regex(
    /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
    'Enter a host name such as shop.example.com.',
  )

/** Names that all mean Docker Hub. */
const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'])

/** Host of an image registry with its port where it has one: `ghcr.io`, `registry.example.com:5000`; Docker Hub is `docker.io`. */
export const registryHostSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .transform((host) => host.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, ''))
  .transform((host) => (DOCKER_HUB.has(host) ? 'docker.io' : host))
  .refine(
    (host) =>
      /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?::\d{1,5})?$/.test(host),
    'Enter the registry’s host, such as ghcr.io or registry.example.com:5000.',
  )
  .refine(
    (host) => host === 'localhost' || /[.:]/.test(host),
    'Enter the registry’s host, such as ghcr.io or registry.example.com:5000.',
  )

/** The path of slugs that names an app for people: `team/project/environment/app`. */
export function appPath(ref: { team: string; project: string; environment: string; app: string }): string {
  return `${ref.team}/${ref.project}/${ref.environment}/${ref.app}`
}
