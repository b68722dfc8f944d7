import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { createClusterCaches } from '../../apps/platform/src/live/caches.ts'
import { createCertificateReader } from '../../apps/platform/src/live/certificates.ts'
import { createClusterResources } from '../../apps/platform/src/live/cluster-resources.ts'
import { type AppToRender, buildSettingsSchema } from '../../packages/domain/src/index.ts'
import { type Cluster, connectCluster, KubeApiError, Pods, prunableKinds } from '../../packages/kube/src/index.ts'
import { providePlatformAccess } from '../../packages/local-cluster/src/apiserver/platform-access.ts'
import { pick, startTestApi, type TestApi } from '../../packages/local-cluster/src/testing/api.ts'
import { renderApp, renderBuildJob, renderEnvironment } from '../../packages/manifests/src/index.ts'
import { ROOT } from '../repository.ts'

/**
 * The rights of infra/kubernetes/base/access.yaml against what the platform's code asks of a cluster: its informers, what it
 * renders and prunes, what it asks for by name. Nothing is refused, and nothing is granted that is not used.
 */
const namespace = 'slipway-acme-shop-production'
const where = { team: 'acme', project: 'shop', environment: 'production', namespace }
const process = { name: 'web', kind: 'web' as const, command: null, instances: 2, cpuMillis: 100, memoryMiB: 64 }
const app: AppToRender = {
  ...where,
  appId: '00000000-0000-0000-0000-000000000002',
  app: 'web',
  tracks: [
    {
      ...{ track: 'stable', weight: 100, release: 1, image: 'nginx:1', config: {}, runsAsNonRoot: true },
      processes: [process],
    },
  ],
  hostnames: ['web.example.com'],
  route: { kind: 'ingress', className: 'nginx', clusterIssuer: null },
}
const gateway = { ...app, route: { kind: 'gateway' as const, namespace: 'gateway', name: 'public' } }
const environment = renderEnvironment({
  ...where,
  limits: { cpuMillis: 1000, memoryMiB: 1024, instances: 5 },
  ingressNamespace: 'gateway',
  egress: { allow: [], deny: [] },
  podSecurity: 'baseline',
  pullCredentials: [{ host: 'ghcr.io', username: 'octo', password: 'p' }],
})
const build = renderBuildJob({
  ...where,
  app: 'web',
  build: 1,
  buildId: '00000000-0000-0000-0000-000000000001',
  installation: 'main',
  strategy: 'native',
  clusterKind: 'kubernetes',
  platformNamespace: 'slipway-system',
  egress: { allow: [], deny: [] },
  reach: [],
  settings: buildSettingsSchema.parse({}),
  processes: {},
  vars: { A: 'b' },
  commit: '4f2c1d0e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d',
  branch: 'main',
  baseImages: {},
  registryConfig: '{"auths":{}}',
  builderImage: 'registry.example.com/builder:1',
  sourceUrl: 'http://slipway-platform/internal/builds/1/source',
  sourceToken: 'token',
  registryPushUrl: 'https://registry.example.com',
  imagePrefix: 'registry.example.com',
  cacheKey: 'web',
  timeoutSeconds: 900,
  requests: { cpuMillis: 200, memoryMiB: 256 },
  limits: { cpuMillis: 4000, memoryMiB: 4096 },
})

const FILE = path.join(ROOT, 'infra/kubernetes/base/access.yaml')
const ruleSchema = z.object({
  apiGroups: z.array(z.string()).length(1),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
})
const roleSchema = z.object({
  kind: z.literal('ClusterRole'),
  metadata: z.object({ name: z.string() }),
  rules: z.array(ruleSchema),
})

const role = parseAllDocuments(readFileSync(FILE, 'utf8'))
  .map((each) => roleSchema.safeParse(each.toJS()).data)
  .find((each) => each !== undefined)
if (role === undefined) throw new Error(`${FILE} has no ClusterRole`)

/** One verb on one resource. */
interface Right {
  group: string
  resource: string
  verb: string
}
const rights: Right[] = role.rules.flatMap(({ apiGroups: [group = ''], resources, verbs }) =>
  resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb }))),
)
/** As the local cluster's decisions have it: `delete deployments.apps`, `get pods/log`. */
function nameOf({ group, resource, verb }: Right): string {
  const [plural, subresource] = resource.split('/')
  return `${verb} ${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`
}

/** Also where the local cluster has no such kind, or no such object: it is the asking that counts. */
const ask = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (!(error instanceof KubeApiError)) throw error
  })

const credentialsOf = (server: string, token: string) => ({
  server,
  proxyUrl: null,
  tls: {},
  headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
})

async function exercise(cluster: Cluster): Promise<void> {
  const caches = createClusterCaches(cluster, { hasGateway: true })
  const certificates = createCertificateReader({ cluster, caches, onProblem: () => undefined, now: () => new Date() })
  caches.start()
  certificates.start()
  const objects = [...environment, ...renderApp(app), ...renderApp(gateway), ...build]
  for (const object of objects) await ask(cluster.apply(object))
  // Ahead of the controller that makes a namespace's default account.
  for (const object of environment.filter(({ kind }) => kind === 'ServiceAccount'))
    await ask(cluster.apply({ ...object, metadata: { ...object.metadata, name: 'not-yet-there' } }))
  const pod = { namespace, name: 'none' }
  await ask(cluster.readLog(pod, { container: 'app' }))
  const terminal = { container: 'app', tty: true, stdin: true, output: true, onOutput: () => undefined }
  await ask(cluster.attach(pod, terminal))
  await ask(cluster.exec(pod, ['true'], terminal))
  for (const { apiVersion, kind, metadata } of [...build, ...environment.slice(0, 1)]) {
    const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
    if (kind === 'Job' || kind === 'Namespace') await ask(cluster.get(ref))
    if (kind === 'Job' || kind === 'Secret') await ask(cluster.delete(ref))
  }
  for (const type of prunableKinds({ hasGateway: true })) {
    await ask(cluster.list(type, { namespace }))
    const { apiVersion, kind } = type
    await ask(cluster.delete({ apiVersion, kind, namespace, name: 'none' }))
  }
  await ask(cluster.list(Pods, { namespace }))
  await ask(cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: 'none' }))
  await ask(cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }))
  const watches = () => Object.values(caches.stats()).filter(({ watches }) => watches > 0).length
  // All but that of HTTPRoutes, which the local cluster does not know.
  for (const deadline = Date.now() + 20_000; watches() < Object.keys(caches.stats()).length - 1; ) {
    if (Date.now() > deadline) throw new Error(`not all watch: ${JSON.stringify(caches.stats())}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const resources = createClusterResources({ cluster, caches, onError: () => undefined, now: () => new Date() })
  await resources.used()
  await resources.nodes()
  await certificates.stop()
  await caches.stop()
}

const METHODS: Record<string, string> = { create: 'POST', patch: 'PATCH', delete: 'DELETE' }
const CLUSTER_WIDE = ['namespaces', 'nodes']

/** One request that needs this right, and no other. */
function requestFor({ group, resource, verb }: Right): { method: string; path: string } {
  const [plural = '', subresource = ''] = resource.split('/')
  const home = CLUSTER_WIDE.includes(plural) ? '' : `namespaces/${namespace}/`
  const named = ['get', 'patch', 'delete'].includes(verb) || subresource !== ''
  const tail = `${named ? '/x' : ''}${subresource === '' ? '' : `/${subresource}`}${verb === 'watch' ? '?watch=true' : ''}`
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`
  return { method: METHODS[verb] ?? 'GET', path: `${root}/${home}${plural}${tail}` }
}

describe('the rights of the platform', () => {
  let api: TestApi
  let token: string
  const seen = { refused: new Set<string>(), used: new Set<string>() }
  const setRights = (granted: readonly Right[]) =>
    api.server.localApi('test').apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: role.metadata.name },
        ...{
          rules: granted.map(({ group, resource, verb }) => ({
            apiGroups: [group],
            resources: [resource],
            verbs: [verb],
          })),
        },
      },
      { force: true },
    )
  beforeAll(async () => {
    api = await startTestApi({
      onDecision: ({ user, verb, resource, allowed }) => {
        if (!user.endsWith(':slipway-platform') || resource.startsWith('/')) return
        const to = allowed ? seen.used : seen.refused
        to.add(`${verb} ${resource}`)
      },
    })
    const account = await providePlatformAccess(api.server.localApi('test'), FILE)
    token = await api.server.accounts.issue(account)
    const cluster = await connectCluster({ config: credentialsOf(api.server.plainUrl, token) })
    await exercise(cluster)
    await cluster.close()
  })
  afterAll(() => api?.stop())

  it('are enough: nothing is refused', () => {
    expect([...seen.refused]).toEqual([])
  })

  it('stand in one rule each', () => {
    expect(new Set(rights.map(nameOf)).size).toBe(rights.length)
  })

  it.each(rights.map(nameOf))('include "%s", which it uses', (right) => {
    // The local cluster has neither HTTPRoutes nor Certificates, so nothing there is watched after the list.
    const unserved = ['watch httproutes.gateway.networking.k8s.io', 'watch certificates.cert-manager.io']
    if (!unserved.includes(right)) expect([...seen.used]).toContain(right)
  })

  it.each(rights.map((right) => [nameOf(right), right] as const))(
    'are not enough without "%s"',
    async (name, right) => {
      await setRights(rights.filter((each) => each !== right))
      const { method, path: target } = requestFor(right)
      const answer = await api.request(method, target, method === 'GET' ? undefined : {}, {
        authorization: `Bearer ${token}`,
      })
      expect(answer).toMatchObject({ status: 403, body: { kind: 'Status', reason: 'Forbidden', code: 403 } })
      expect(pick(answer.body, 'message')).toContain(
        `User "system:serviceaccount:slipway-system:slipway-platform" cannot ${right.verb} resource "${right.resource}" in API group "${right.group}"`,
      )
      await setRights(rights)
      const allowed = await fetch(`${api.server.plainUrl}${target}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{}' }),
      })
      await allowed.body?.cancel()
      expect(allowed.status, name).not.toBe(403)
    },
  )
})
