import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readSettings } from '../../apps/platform/src/env.ts'
import { startTestApi, type TestApi } from '../../packages/local-cluster/src/testing/api.ts'
import { FOREIGN_VARIABLES, read, readsVariable } from '../repository.ts'
import { hasKubectl, kustomized, type Rendered, templateOf, writtenObjects } from './rendered.ts'

// Without kubectl the files are read as they are: kustomize adds nothing to them but the images' tags.
const objects = hasKubectl ? kustomized() : writtenObjects()
const named = (kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)
const selectorSchema = z.record(z.string(), z.string())

describe('the kustomize base', () => {
  it.skipIf(!hasKubectl)(
    'renders with kubectl what is written, with tagged images (skipped where there is no kubectl)',
    () => {
      const names = (list: readonly Rendered[]) => list.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()
      expect(names(kustomized())).toEqual(names(writtenObjects()))
      for (const app of ['platform', 'console']) {
        const [container] = templateOf(kustomized(), `slipway-${app}`).spec.containers
        expect(container?.image).toMatch(new RegExp(`^slipway/${app}:\\d+\\.\\d+\\.\\d+$`))
      }
    },
  )

  it('puts everything into one namespace', () => {
    const outside = objects.filter(({ metadata }) => metadata.namespace !== 'slipway-system').map(({ kind }) => kind)
    expect(outside.sort()).toEqual(['ClusterRole', 'ClusterRoleBinding', 'Namespace'])
  })

  it('gives the platform settings that it accepts, out of the config map and the secret', () => {
    const settings = z.object({ data: selectorSchema }).parse(named('ConfigMap', 'slipway')).data
    const secret: Record<string, string> = {
      DATABASE_URL: 'postgresql://slipway:secret@db.example.com/slipway',
      SLIPWAY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      SLIPWAY_SESSION_SECRET: 's'.repeat(44),
    }
    for (const name of Object.keys(secret))
      expect(read('infra/kubernetes/README.md')).toContain(`--from-literal=${name}=`)
    const [container] = templateOf(objects, 'slipway-platform').spec.containers
    const environment: Record<string, string> = { SLIPWAY_STATE_DIR: '/var/lib/slipway', ...settings }
    for (const { name, value, valueFrom } of container?.env ?? []) {
      expect(readsVariable('platform', name), `${name} is read`).toBe(true)
      const key = valueFrom?.secretKeyRef
      const found = value ?? (key ? secret[key.key] : undefined)
      if (found === undefined) expect(key?.optional, `${name} is optional`).toBe(true)
      else environment[name] = found
    }
    for (const name of Object.keys(settings)) expect(readsVariable('platform', name), `${name} is read`).toBe(true)
    expect(readSettings({ NODE_ENV: 'production', ...environment })).toMatchObject({
      clusterKind: 'kubernetes',
      kubeconfigPath: null,
      consoleUrl: 'http://slipway-console:3000',
      ingressClass: 'nginx',
      stateDir: container?.volumeMounts.find(({ name }) => name === 'state')?.mountPath,
    })
  })

  it('tells the console only what it reads, from keys that are there', () => {
    const settings = z.object({ data: selectorSchema }).parse(named('ConfigMap', 'slipway')).data
    for (const { name, valueFrom } of templateOf(objects, 'slipway-console').spec.containers[0]?.env ?? []) {
      expect(FOREIGN_VARIABLES.includes(name) || readsVariable('console', name), `${name} is read`).toBe(true)
      if (valueFrom?.configMapKeyRef) expect(Object.keys(settings)).toContain(valueFrom.configMapKeyRef.key)
    }
  })

  it.each(['platform', 'console'])(
    'selects the pods of the %s by labels that they have, and ports by their name',
    (app) => {
      const { metadata, spec } = templateOf(objects, `slipway-${app}`)
      const name = `slipway-${app}`
      const service = z
        .object({ spec: z.object({ selector: selectorSchema, ports: z.array(z.object({ targetPort: z.string() })) }) })
        .parse(named('Service', name)).spec
      const budget = z.object({ spec: z.object({ selector: z.object({ matchLabels: selectorSchema }) }) })
      const policy = z.object({ spec: z.object({ podSelector: z.object({ matchLabels: selectorSchema }) }) })
      expect(metadata.labels).toMatchObject(service.selector)
      expect(metadata.labels).toMatchObject(budget.parse(named('PodDisruptionBudget', name)).spec.selector.matchLabels)
      expect(metadata.labels).toMatchObject(policy.parse(named('NetworkPolicy', name)).spec.podSelector.matchLabels)
      const ports = spec.containers.flatMap((container) => container.ports.map((port) => port.name))
      for (const { targetPort } of service.ports) expect(ports).toContain(targetPort)
      for (const { name: mounted } of spec.containers.flatMap((container) => container.volumeMounts)) {
        expect(spec.volumes.map((volume) => volume.name)).toContain(mounted)
      }
    },
  )
})

/** Kinds that the local cluster may not know: they only matter where access is enforced. */
const UNKNOWN_TO_LOCAL = ['ClusterRole', 'ClusterRoleBinding']

describe('a server-side dry run on the local cluster', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startTestApi()
    const namespace = named('Namespace', 'slipway-system')
    expect((await api.request('POST', '/api/v1/namespaces', namespace)).status).toBe(201)
  })
  afterAll(() => api?.stop())

  const resourcesSchema = z.object({
    resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
  })
  /** The object's path, null where the cluster has no such kind. */
  async function pathOf(object: Rendered): Promise<string | null> {
    const base = object.apiVersion.includes('/') ? `/apis/${object.apiVersion}` : `/api/${object.apiVersion}`
    const { status, body } = await api.request('GET', base)
    if (status === 404) return null
    const found = resourcesSchema
      .parse(body)
      .resources.find(({ kind, name }) => kind === object.kind && !name.includes('/'))
    if (found === undefined) return null
    const { name, namespace } = object.metadata
    return `${base}/${found.namespaced ? `namespaces/${namespace}/` : ''}${found.name}/${name}`
  }

  it.each(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    'admits %s',
    async (_, object) => {
      const path = await pathOf(object)
      if (path === null) return expect(UNKNOWN_TO_LOCAL).toContain(object.kind)
      const query = 'fieldManager=kubectl&dryRun=All&fieldValidation=Strict'
      const answer = await api.request('PATCH', `${path}?${query}`, object, {
        'content-type': 'application/apply-patch+yaml',
      })
      expect([200, 201], answer.text).toContain(answer.status)
      expect(answer.headers.get('warning')).toBeNull()
    },
  )

  it.each(['slipway-platform', 'slipway-console'])(
    'admits the pods of %s under the namespace’s security level',
    async (name) => {
      const template = templateOf(objects, name)
      const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: 'probe' } }
      // The service account is only tried, too.
      const account = named('ServiceAccount', 'slipway-platform')
      const made = await api.request('POST', '/api/v1/namespaces/slipway-system/serviceaccounts', account)
      expect([201, 409]).toContain(made.status)
      const answer = await api.request(
        'POST',
        '/api/v1/namespaces/slipway-system/pods?dryRun=All&fieldValidation=Strict',
        pod,
      )
      expect(answer.status, answer.text).toBe(201)
    },
  )

  it('refuses what is wrong, so that the above says something', async () => {
    const deployment = named('Deployment', 'slipway-console')
    const broken = {
      ...deployment,
      spec: { ...z.record(z.string(), z.unknown()).parse(deployment?.spec), replicaz: 1 },
    }
    const path = '/apis/apps/v1/namespaces/slipway-system/deployments/slipway-console'
    const query = 'fieldManager=kubectl&dryRun=All&fieldValidation=Strict'
    const answer = await api.request('PATCH', `${path}?${query}`, broken, {
      'content-type': 'application/apply-patch+yaml',
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
  })
})
