import { BUILD_STRATEGIES, buildSettingsSchema } from '@slipway/domain'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../../local-cluster/src/testing/api.ts'
import { renderBuildJob } from './build.ts'
import { buildNamespaceOf, buildSecretNames } from './build-names.ts'
import type { BuildToRender } from './build-to-render.ts'
import type { KubeObject } from './object.ts'

const SECRET = 'sk_live_51H'

const build: BuildToRender = {
  team: 'acme',
  project: 'shop',
  environment: 'production',
  app: 'api',
  build: 7,
  buildId: 'cm4build7',
  installation: 'blue',
  strategy: 'native',
  clusterKind: 'kubernetes',
  platformNamespace: 'slipway-system',
  egress: { allow: [], deny: [] },
  reach: [],
  builderImage: 'registry.example.com/slipway/builder-node:0.1.0',
  sourceUrl: 'http://slipway-platform.slipway-system:3001/internal/builds/7/source',
  sourceToken: SECRET,
  settings: buildSettingsSchema.parse({ buildArgs: { PRICE: '$(HOME)$5' } }),
  processes: {},
  vars: { STRIPE_KEY: SECRET },
  commit: '4f2c1d0e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d',
  branch: 'main',
  baseImages: {},
  registryPushUrl: 'https://registry.example.com',
  imagePrefix: 'registry.example.com/slipway',
  registryConfig: JSON.stringify({ auths: { 'registry.example.com': { password: SECRET } } }),
  cacheKey: 'cm4app.0',
  timeoutSeconds: 900,
  requests: { cpuMillis: 200, memoryMiB: 256 },
  limits: { cpuMillis: 4000, memoryMiB: 4096 },
}

const ofKind = (objects: KubeObject[], kind: string) => objects.filter((each) => each.kind === kind)
const jobOf = (objects: KubeObject[]) => ofKind(objects, 'Job')[0] as unknown as Required<Job>
const podOf = (objects: KubeObject[]) => {
  const spec = jobOf(objects).spec.template.spec
  if (spec === undefined) throw new Error('a Job without a pod')
  return spec
}

describe('a build', () => {
  const kinds = (['local', 'kubernetes'] as const).flatMap((clusterKind) =>
    BUILD_STRATEGIES.map((strategy) => ({ clusterKind, strategy })),
  )

  it.each(kinds)('keeps secrets out of its Job: $strategy on $clusterKind', (kind) => {
    const objects = renderBuildJob({ ...build, ...kind })
    expect(JSON.stringify(objects.filter((each) => each.kind !== 'Secret'))).not.toContain(SECRET)
    const names = ofKind(objects, 'Secret').map(({ metadata }) => metadata.name)
    expect(names).toEqual(Object.values(buildSecretNames(build)))
  })

  it('has the same Job for every strategy, but for its rights and its namespace', () => {
    const shape = (strategy: BuildToRender['strategy']) => {
      const { spec, metadata } = jobOf(renderBuildJob({ ...build, strategy }))
      const { template, ...rest } = spec
      const env = template.spec?.containers[0]?.env?.map(({ name }) => name)
      return { rest, env, annotations: metadata.annotations, volumes: template.spec?.volumes?.map(({ name }) => name) }
    }
    expect(shape('dockerfile')).toEqual(shape('native'))
    expect(shape('buildpacks')).toEqual(shape('native'))
  })

  it('gives values to the builder as they are, whatever Kubernetes would expand in them', () => {
    const value = podOf(renderBuildJob(build)).containers[0]?.env?.find(({ name }) => name === 'BUILD_SETTINGS')?.value
    expect(JSON.parse(value?.replaceAll('$$', '$') ?? '').buildArgs.PRICE).toBe('$(HOME)$5')
    expect(value).toContain('$$(HOME)$$5')
  })

  it('is privileged nowhere but in the namespace of Dockerfiles, and there in a user namespace', () => {
    for (const strategy of BUILD_STRATEGIES) {
      const pod = podOf(renderBuildJob({ ...build, strategy }))
      const root = pod.containers[0]?.securityContext?.capabilities?.add?.includes('SYS_ADMIN') ?? false
      expect(root).toBe(strategy === 'dockerfile')
      expect(pod.hostUsers).toBe(strategy === 'dockerfile' ? false : undefined)
      expect(pod.containers[0]?.securityContext?.privileged).toBeUndefined()
    }
  })
})

describe('an API server with Pod Security', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi()
  })
  afterAll(() => api.stop())

  const PLURALS: Record<string, string> = {
    Namespace: 'namespaces',
    NetworkPolicy: 'networkpolicies',
    Secret: 'secrets',
    Job: 'jobs',
    Pod: 'pods',
  }
  const collection = ({ apiVersion, kind, metadata }: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>) =>
    [
      apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`,
      ...(metadata.namespace === undefined ? [] : ['namespaces', metadata.namespace]),
      PLURALS[kind],
    ].join('/')

  it.each(BUILD_STRATEGIES)('admits a build and its pod: %s', async (strategy) => {
    for (const clusterKind of ['kubernetes', 'local'] as const) {
      const objects = renderBuildJob({ ...build, strategy, clusterKind, app: `${strategy}-${clusterKind}` })
      for (const object of objects) {
        const path = `${collection(object)}/${object.metadata.name}?fieldManager=slipway&force=true`
        const answer = await api.request('PATCH', path, JSON.stringify(object), {
          'content-type': 'application/apply-patch+yaml',
        })
        expect([200, 201], `${object.kind}: ${answer.text}`).toContain(answer.status)
        expect(answer.headers.get('warning')).toBeNull()
      }
      const namespace = buildNamespaceOf(strategy, { ...build, clusterKind })
      const metadata = { name: `pod-${strategy}-${clusterKind}`, namespace }
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: podOf(objects) }
      const answer = await api.request('POST', `${collection(pod)}?dryRun=All`, pod)
      expect(answer.status, answer.text).toBe(201)
    }
  })

  it('refuses the pod of a Dockerfile among the other builds', async () => {
    const metadata = { name: 'intruder', namespace: buildNamespaceOf('native', build) }
    const spec = podOf(renderBuildJob({ ...build, strategy: 'dockerfile' }))
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
    const answer = await api.request('POST', collection(pod), pod)
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('violates PodSecurity \\"restricted')
  })
})
