import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClusterCaches } from '../../apps/platform/src/live/caches.ts'
import { createCertificateReader } from '../../apps/platform/src/live/certificates.ts'
import { allows, guardCluster, platformRules, type Rule } from '../../e2e/support/guarded-cluster.ts'
import { type AppToRender, buildSettingsSchema } from '../../packages/domain/src/index.ts'
import { type Cluster, connectCluster, KubeApiError, Pods } from '../../packages/kube/src/index.ts'
import { startTestApi, type TestApi, testToken } from '../../packages/local-cluster/src/testing/api.ts'
import { prunableTypes, renderApp, renderBuildJob, renderEnvironment } from '../../packages/manifests/src/index.ts'

/**
 * The rights of infra/kubernetes/base/access.yaml against what the platform's code asks of a cluster: its informers, what it
 * renders and prunes, what it asks for by name. Nothing is refused, and nothing is granted that is not used.
 */
const namespace = 'slipway-acme-shop-production'
const where = { team: 'acme', project: 'shop', environment: 'production', namespace }
const process = { name: 'web', kind: 'web' as const, command: null, instances: 2, cpuMillis: 100, memoryMiB: 64 }
const app: AppToRender = {
  ...where,
  app: 'web',
  release: 1,
  image: 'nginx:1',
  config: {},
  processes: [process],
  hostnames: ['web.example.com'],
  route: { kind: 'ingress', className: 'nginx', clusterIssuer: null },
  runsAsNonRoot: true,
}
const gateway = { ...app, route: { kind: 'gateway' as const, namespace: 'gateway', name: 'public' } }
const environment = renderEnvironment({
  ...where,
  limits: { cpuMillis: 1000, memoryMiB: 1024, instances: 5 },
  ingressNamespace: 'gateway',
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
  settings: buildSettingsSchema.parse({}),
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

const pairsOf = (rules: readonly Rule[]) =>
  rules.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)))

/** Also where the local cluster has no such kind, or no such object: it is the asking that counts. */
const ask = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (!(error instanceof KubeApiError)) throw error
  })

const credentialsOf = (server: string) => ({
  server,
  proxyUrl: null,
  tls: {},
  headers: () => Promise.resolve({ authorization: `Bearer ${testToken}` }),
})

async function exercise(cluster: Cluster): Promise<void> {
  const caches = createClusterCaches(cluster, { hasGateway: true })
  const certificates = createCertificateReader({ cluster, caches, onProblem: () => undefined, now: () => new Date() })
  caches.start()
  certificates.start()
  const objects = [...environment, ...renderApp(app), ...renderApp(gateway), ...build]
  for (const object of objects) await ask(cluster.apply(object))
  await ask(cluster.readLog({ namespace, name: 'none' }, { container: 'app' }))
  for (const { apiVersion, kind, metadata } of [...build, ...environment.slice(0, 1)]) {
    const ref = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name }
    if (kind === 'Job' || kind === 'Namespace') await ask(cluster.get(ref))
    if (kind === 'Job' || kind === 'Secret') await ask(cluster.delete(ref))
  }
  for (const type of prunableTypes(true)) {
    await ask(cluster.list(type, { namespace }))
    const { apiVersion, kind } = type
    await ask(cluster.delete({ apiVersion, kind, namespace, name: 'none' }))
  }
  await ask(cluster.list(Pods, { namespace }))
  await ask(cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }))
  const watches = () => Object.values(caches.stats()).filter(({ watches }) => watches > 0).length
  // All but that of HTTPRoutes, which the local cluster does not know.
  for (const deadline = Date.now() + 20_000; watches() < Object.keys(caches.stats()).length - 1; ) {
    if (Date.now() > deadline) throw new Error(`not all watch: ${JSON.stringify(caches.stats())}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await certificates.stop()
  await caches.stop()
}

describe('the rights of the platform', () => {
  const rules = platformRules()
  let api: TestApi
  const seen = { refused: [] as readonly string[], used: new Set<string>() }
  beforeAll(async () => {
    api = await startTestApi()
    const guard = await guardCluster(api.server.plainUrl, rules)
    const cluster = await connectCluster({ config: credentialsOf(guard.url) })
    await exercise(cluster)
    await cluster.close()
    Object.assign(seen, { refused: [...guard.refused], used: new Set(guard.used) })
    await guard.close()
  })
  afterAll(() => api?.stop())

  it('are enough: nothing is refused', () => {
    expect(seen.refused).toEqual([])
  })

  it.each(pairsOf(rules))('include "%s", which it uses', (pair) => {
    // The local cluster has neither HTTPRoutes nor Certificates, so nothing there is watched after the list.
    if (!['watch httproutes', 'watch certificates'].includes(pair)) expect([...seen.used]).toContain(pair)
  })

  it.each(rules.map((rule) => [`${rule.verbs.join(', ')} ${rule.resources.join(', ')}`, rule] as const))(
    'would not be enough without the rule: %s',
    (_, rule) => {
      const less = rules.filter((each) => each !== rule)
      for (const resource of rule.resources)
        for (const verb of rule.verbs)
          expect(allows(less, { group: rule.apiGroups[0] ?? '', resource, verbs: [verb] }), `${verb} ${resource}`).toBe(
            false,
          )
    },
  )
})
