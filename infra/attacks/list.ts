/** One kind of attack, or of killing, and the tests that try it. */
export interface Attack {
  what: string
  /** Files below the root, each with the names of the tests in it that count; null: all of them. */
  tests: Readonly<Record<string, RegExp | null>>
}

const API = 'apps/platform/src/api'
const SERVER = 'apps/platform/src/server'

/** What is tried against an installation: the names of the tests say what holds. */
export const ATTACKS: readonly Attack[] = [
  {
    what: 'Calls of one role or team reach what is another’s',
    tests: { [`${API}/access.test.ts`]: null, [`${API}/admin.test.ts`]: /the guard/ },
  },
  {
    what: 'DNS rebinding, a first account taken over, calls of other sites',
    tests: {
      [`${API}/accounts.test.ts`]: /first account|setup code|unattended/,
      [`${API}/http.test.ts`]: /own pages/,
      [`${SERVER}/server.test.ts`]: /hosts|WebSockets/,
    },
  },
  {
    what: 'Passwords guessed; sessions and tokens used after their end or beyond their scope',
    tests: {
      [`${API}/http.test.ts`]: /^(sessions|API tokens|guessing)/,
      [`${API}/sessions.test.ts`]: null,
      [`${API}/device-login.test.ts`]: null,
      [`${API}/accounts.test.ts`]: /invitation|reset|hands out/,
    },
  },
  {
    what: 'One caller takes everything: batches, sockets, streams, slow bodies, forged webhooks',
    tests: {
      [`${SERVER}/limits.test.ts`]: null,
      [`${SERVER}/fair-limiter.test.ts`]: null,
      [`${SERVER}/pause.test.ts`]: null,
      [`${SERVER}/client-address.test.ts`]: null,
      'apps/platform/src/hooks/routes.test.ts': /forged|one caller|slowly|over the limit|ends before/,
      'packages/reconcile/src/workqueue.test.ts': /take turns/,
    },
  },
  {
    what: 'Malformed requests, input and payloads',
    tests: {
      [`${API}/bad-input.test.ts`]: null,
      [`${SERVER}/hostile-requests.test.ts`]: null,
      'apps/platform/src/hooks/routes.test.ts': /truncated|unknown|is none/,
    },
  },
  {
    what: 'Images and layers of another team in the registry',
    tests: {
      [`${API}/image-access.test.ts`]: null,
      'apps/platform/src/registry/registry.test.ts': null,
      'apps/platform/src/registry/tokens.test.ts': null,
    },
  },
  {
    what: 'Secrets found in argument lists, environments, logs, errors, rows, objects',
    tests: {
      'apps/platform/test/canaries.test.ts': null,
      'packages/db/src/sources.test.ts': null,
      'packages/domain/src/repository-address.test.ts': null,
      [`${SERVER}/server.test.ts`]: /no secrets/,
      'apps/platform/src/sources/sources.test.ts': /argument list|not shown/,
    },
  },
  {
    what: 'SSRF by a repository, a redirect or a submodule',
    tests: { 'apps/platform/src/sources/fetch-guard.test.ts': null },
  },
  {
    what: 'Private networks and metadata reached by apps and builds',
    tests: { 'packages/manifests/src/egress.test.ts': null },
  },
  { what: 'Domains of others', tests: { [`${API}/domains.test.ts`]: null } },
  {
    what: 'Escape sequences and bidi characters in names and logs',
    tests: { 'packages/domain/src/plain-text.test.ts': null },
  },
  {
    what: 'Quotas raced or disagreed with',
    tests: { 'packages/db/src/quota.test.ts': null, [`${API}/quota.test.ts`]: null },
  },
  {
    what: 'Two Slipways and other tools on one cluster',
    tests: {
      'apps/platform/test/shared-cluster.test.ts': null,
      'apps/platform/test/reconcile.test.ts': /somebody else/,
    },
  },
  {
    what: 'Rights of the platform on the cluster: one rule less, one too many',
    tests: { 'infra/kubernetes/access.test.ts': null },
  },
]

/** What is killed or taken away, and comes back by itself. */
export const KILLED: readonly Attack[] = [
  {
    what: 'The platform, `kill -9` in the middle of a build, a deploy, a delete and a command',
    tests: { 'apps/platform/test/recovery.test.ts': null, 'apps/platform/test/run.test.ts': /killed/ },
  },
  { what: 'One of two platforms, `kill -9` during a push', tests: { 'apps/platform/test/roles.test.ts': null } },
  { what: 'The API server', tests: { 'apps/platform/test/outage.test.ts': null } },
  {
    what: 'The disk’s last byte',
    tests: { [`${SERVER}/disk.test.ts`]: null, 'packages/db/src/errors.test.ts': /disk full/ },
  },
]
