/** Requests that are wrong in some way, from a seed: the same seed gives the same requests. */
export interface MalformedRequest {
  method: string
  path: string
  body: string | undefined
  headers: Record<string, string>
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Random = () => number
type Tree = { [key: string]: unknown }

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const strange: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '💥'.repeat(40),
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  [],
  {},
  [[[]]],
  [null],
  { '': null },
  { constructor: { prototype: 1 } },
  JSON.parse('{"__proto__":{"a":1},"toString":1,"hasOwnProperty":null}'),
  '2020-13-45T99:99:99Z',
  '1e999999',
  '9'.repeat(400),
]

const container = { name: 'c', image: 'none:1', env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] }
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } }
const jobTemplate = { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } }
const selector = { matchLabels: { a: 'b' } }

/** A valid object of each of these collections, by path; what is sent is one of them with something broken. */
const collections: readonly [path: string, body: Tree][] = [
  ['/api/v1/namespaces/fuzz/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } }],
  ['/api/v1/namespaces/fuzz/secrets', { apiVersion: 'v1', kind: 'Secret', data: { a: 'Yg==' } }],
  ['/api/v1/namespaces/fuzz/pods', { apiVersion: 'v1', kind: 'Pod', spec: template.spec }],
  ['/api/v1/namespaces/fuzz/services', { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }] } }],
  [
    '/api/v1/namespaces/fuzz/resourcequotas',
    { apiVersion: 'v1', kind: 'ResourceQuota', spec: { hard: { pods: '9' } } },
  ],
  ['/api/v1/namespaces/fuzz/persistentvolumeclaims', claim()],
  [
    '/apis/apps/v1/namespaces/fuzz/deployments',
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector, template } },
  ],
  [
    '/apis/apps/v1/namespaces/fuzz/statefulsets',
    { apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { selector, template, serviceName: 's' } },
  ],
  [
    '/apis/apps/v1/namespaces/fuzz/daemonsets',
    { apiVersion: 'apps/v1', kind: 'DaemonSet', spec: { selector, template } },
  ],
  ['/apis/batch/v1/namespaces/fuzz/jobs', { apiVersion: 'batch/v1', kind: 'Job', ...jobTemplate }],
  [
    '/apis/batch/v1/namespaces/fuzz/cronjobs',
    { apiVersion: 'batch/v1', kind: 'CronJob', spec: { schedule: '* * * * *', jobTemplate } },
  ],
  ['/apis/networking.k8s.io/v1/namespaces/fuzz/ingresses', ingress()],
  [
    '/apis/networking.k8s.io/v1/namespaces/fuzz/networkpolicies',
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {} } },
  ],
  [
    '/apis/policy/v1/namespaces/fuzz/poddisruptionbudgets',
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', spec: { minAvailable: 1, selector } },
  ],
  ['/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', spec: {} }],
]

function claim(): Tree {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec }
}

function ingress(): Tree {
  const backend = { service: { name: 's', port: { number: 80 } } }
  const rules = [{ host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', spec: { rules } }
}

/** The value with one thing in it, at any depth, replaced, removed or doubled. */
function broken(random: Random, value: unknown, depth = 0): unknown {
  const inner = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (inner.length === 0 || (depth > 0 && random() < 0.15)) return pick(random, strange)
  const key = pick(random, inner)
  const copy: Tree | unknown[] = Array.isArray(value) ? [...value] : { ...(value as Tree) }
  const child: unknown = Reflect.get(copy, key)
  const how = random()
  if (how < 0.1) Reflect.deleteProperty(copy, key)
  else if (how < 0.2) Reflect.set(copy, `${key}x`, child)
  else if (Array.isArray(child) && random() < 0.3) Reflect.set(copy, key, [...child, ...child, pick(random, strange)])
  else
    Object.defineProperty(copy, key, { value: broken(random, child, depth + 1), enumerable: true, configurable: true })
  return copy
}

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const badTypes = [
  'text/html',
  'application/x-bad',
  '',
  'application/json; charset=\u00ff',
  'application/vnd.kubernetes.protobuf',
  ...patchTypes,
]
const badBodies = [
  '{not json',
  '[1]',
  'null',
  '"text"',
  '1',
  '',
  '\u0000\u0001',
  '{"a":',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  'a: &a [*a]',
  'a: &x [1,1]\nb: &y [*x,*x]\nc: [*y,*y]',
  '- - - : : {',
  '\ud800',
  '{"metadata":{"name":"a","name":"b"}}',
]
const badPatches: readonly unknown[] = [
  [{ op: 'remove', path: '/spec' }],
  [{ op: 'replace', path: '/no/such', value: 1 }],
  [{ op: 'move', from: '/metadata', path: '/metadata/labels/x' }],
  [{ op: 'copy', from: '', path: '/data/x' }],
  [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
  [{ op: 'test', path: '/kind', value: 'x' }],
  [{ op: 'boom', path: '/a' }],
  [{ path: 1 }],
  [null],
  { $patch: 'delete' },
  { $patch: 'boom', spec: null },
  { spec: { $retainKeys: 1, template: { spec: { containers: [{ $patch: 'delete' }, { image: 1 }] } } } },
  { '$setElementOrder/x': [1], metadata: { finalizers: 'x' } },
  { '$deleteFromPrimitiveList/finalizers': { a: 1 } },
  { metadata: { name: 'other', uid: 'x', resourceVersion: 'y' } },
  { metadata: { managedFields: [{ manager: 1, fieldsV1: { 'k:{': {} } }] } },
  { metadata: { ownerReferences: [{ uid: 'a' }, { uid: 'a' }] } },
]
const badQueries = [
  'labelSelector=%3D%3D',
  'labelSelector=a+in+(',
  'labelSelector=%00',
  `labelSelector=${'a,'.repeat(2_000)}`,
  'fieldSelector=bogus%3D1',
  'fieldSelector=%21%3D%2C%2C',
  'limit=-1',
  'limit=1e9',
  'limit=x',
  'limit=1&continue=garbage',
  'limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MWU5OSwic3RhcnQiOiIifQ',
  `continue=${'A'.repeat(3_000)}`,
  'resourceVersion=x',
  'resourceVersion=-5',
  'resourceVersion=1&resourceVersionMatch=Exact',
  'resourceVersionMatch=Exact',
  'watch=1&resourceVersion=abc',
  'watch=1&timeoutSeconds=x',
  'watch=1&resourceVersion=1',
  'watch=1&sendInitialEvents=true',
  'dryRun=Some',
  'fieldValidation=Maybe',
  `fieldManager=${'m'.repeat(500)}`,
  'fieldManager=%00%ff',
  'propagationPolicy=Sideways',
  'gracePeriodSeconds=soon',
  'pretty=%F0%9F%92%A5',
]
const oddPaths = [
  '/api/v1/namespaces/fuzz/pods/%2e%2e/log',
  '/api/v1/namespaces/fuzz/pods/x/exec?command=',
  '/api/v1/namespaces/fuzz/pods/x/log?tailLines=-1',
  '/api/v1/namespaces/fuzz/pods/x/log?sinceTime=yesterday',
  '/api/v1/namespaces/fuzz/pods/x/eviction',
  '/api/v1/namespaces/fuzz/pods/x/binding',
  '/api/v1/namespaces/%00/pods',
  '/api/v1/namespaces//pods',
  '/api/v1/namespaces/fuzz/configmaps/%E0%A4%A',
  '/api/v1/namespaces/fuzz/configmaps/__proto__',
  '/api/v1/namespaces/constructor/configmaps/toString',
  '/apis/apps/v1/namespaces/fuzz/deployments/seed/scale',
  '/apis/apps/v1/namespaces/fuzz/deployments/seed/status',
  '/apis/apps/v1/namespaces/fuzz/deployments/seed/nope/deeper',
  '/apis/apps/v9/deployments',
  '/apis/__proto__/v1/x',
  '/apis',
  '/api/v1',
  '/version/x',
  '/openapi/v3/x',
  '/%2e%2e/%2e%2e/etc/passwd',
  `/api/v1/namespaces/fuzz/configmaps/${'n'.repeat(4_000)}`,
  '//api//v1//pods',
]

/** What the requests are about: one valid object in each collection. */
export function seedObjects(): { path: string; body: unknown }[] {
  return collections.map(([path, body]) => ({
    path,
    body: { ...body, metadata: { name: 'seed', labels: { a: 'b' } } },
  }))
}

/** One request, wrong in one or several ways; some turn out to be right, as with any generator. */
export function malformedRequest(random: Random): MalformedRequest {
  const [collection, valid] = pick(random, collections)
  const named = { ...valid, metadata: { name: `f${Math.floor(random() * 40)}`, namespace: 'fuzz', labels: { a: 'b' } } }
  const one = `${collection}/${random() < 0.6 ? 'seed' : `f${Math.floor(random() * 40)}`}`
  const json = (value: unknown) => JSON.stringify(value)
  const headers = (type: string): Record<string, string> => (type === '' ? {} : { 'content-type': type })
  const query = random() < 0.3 ? `?${pick(random, badQueries)}` : ''
  switch (Math.floor(random() * 8)) {
    case 0:
      return {
        method: 'POST',
        path: collection + query,
        body: json(broken(random, named)),
        headers: headers('application/json'),
      }
    case 1:
      return {
        method: 'PUT',
        path: one + query,
        body: json(broken(random, named)),
        headers: headers('application/json'),
      }
    case 2: {
      const body = random() < 0.5 ? pick(random, badPatches) : broken(random, named)
      const at = `${one}${random() < 0.2 ? '/status' : ''}?fieldManager=fuzz&force=${random() < 0.5}`
      return { method: 'PATCH', path: at, body: json(body), headers: headers(pick(random, patchTypes)) }
    }
    case 3:
      return {
        method: pick(random, ['POST', 'PUT', 'PATCH']),
        path: random() < 0.5 ? collection : one,
        body: pick(random, badBodies),
        headers: headers(pick(random, [...patchTypes, 'application/json'])),
      }
    case 4:
      return {
        method: 'GET',
        path: `${random() < 0.8 ? collection : one}?${pick(random, badQueries)}`,
        body: undefined,
        headers:
          random() < 0.3
            ? { accept: pick(random, ['text/x', '*/*;q=z', 'application/json;as=Chair;v=v1;g=meta.k8s.io']) }
            : {},
      }
    case 5:
      return {
        method: pick(random, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']),
        path: pick(random, oddPaths),
        body: undefined,
        headers: {},
      }
    case 6:
      return {
        method: pick(random, ['POST', 'PUT', 'PATCH', 'DELETE']),
        path: `${random() < 0.5 ? collection : one}?${pick(random, badQueries)}&dryRun=All`,
        body: json(broken(random, named)),
        headers: headers(pick(random, badTypes)),
      }
    default:
      return {
        method: 'DELETE',
        path: one + query,
        body: json(
          pick(random, [
            { preconditions: 1 },
            { preconditions: { uid: 'x' } },
            { gracePeriodSeconds: 'x' },
            { propagationPolicy: 7 },
            [],
            { dryRun: 'All' },
          ]),
        ),
        headers: headers('application/json'),
      }
  }
}
