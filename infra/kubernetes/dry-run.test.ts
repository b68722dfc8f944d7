import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startTestApi, type TestApi } from '../../packages/local-cluster/src/testing/api.ts'
import { hasKustomize, kustomized, OVERLAYS, type Rendered, templateOf, WORKLOADS } from './rendered.ts'

/** Kinds that the local cluster does not know: Slipway's own code makes none of them here. A real API server has checked them. */
const UNKNOWN_TO_LOCAL = ['ClusterRole', 'ClusterRoleBinding', 'ClusterIssuer', 'HorizontalPodAutoscaler']

const resourcesSchema = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
})

describe.skipIf(!hasKustomize).each(OVERLAYS)(
  'a server-side dry run of the overlay %s on the local cluster',
  (overlay) => {
    const objects = hasKustomize ? kustomized(`overlays/${overlay}`) : []
    let api: TestApi
    beforeAll(async () => {
      api = await startTestApi()
      const namespace = objects.find(({ kind }) => kind === 'Namespace')
      expect((await api.request('POST', '/api/v1/namespaces', namespace)).status).toBe(201)
      const account = objects.find(({ kind }) => kind === 'ServiceAccount')
      const path = '/api/v1/namespaces/slipway-system/serviceaccounts'
      expect((await api.request('POST', path, account)).status).toBe(201)
    })
    afterAll(() => api?.stop())

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
    const apply = (path: string, object: unknown) =>
      api.request('PATCH', `${path}?fieldManager=kubectl&dryRun=All&fieldValidation=Strict`, object, {
        'content-type': 'application/apply-patch+yaml',
      })

    it.each(objects.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
      'admits %s',
      async (_, object) => {
        const path = await pathOf(object)
        if (path === null) return expect(UNKNOWN_TO_LOCAL).toContain(object.kind)
        const answer = await apply(path, object)
        expect([200, 201], answer.text).toContain(answer.status)
        expect(answer.headers.get('warning')).toBeNull()
      },
    )

    it.each(objects.filter(({ kind }) => WORKLOADS.includes(kind)).map((each) => [each.metadata.name, each] as const))(
      'admits the pods of %s under the namespace’s security level',
      async (_, workload) => {
        const { metadata, spec, volumes } = templateOf(workload)
        // A StatefulSet adds its claims.
        const claims = volumes.filter((name) => !spec.volumes.some((volume) => volume.name === name))
        const all = [...spec.volumes, ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))]
        const pod = {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { ...metadata, name: 'probe' },
          spec: { ...spec, volumes: all },
        }
        const path = '/api/v1/namespaces/slipway-system/pods?dryRun=All&fieldValidation=Strict'
        const answer = await api.request('POST', path, pod)
        expect(answer.status, answer.text).toBe(201)
      },
    )

    it('refuses what is wrong, so that the above says something', async () => {
      const deployment = objects.find(({ kind }) => kind === 'Deployment')
      const spec = { ...z.record(z.string(), z.unknown()).parse(deployment?.spec), replicaz: 1 }
      const path = '/apis/apps/v1/namespaces/slipway-system/deployments/slipway-console'
      expect((await apply(path, { ...deployment, spec })).status).toBeGreaterThanOrEqual(400)
    })
  },
)
