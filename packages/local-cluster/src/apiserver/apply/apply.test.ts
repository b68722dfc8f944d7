import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi } from '../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const yaml = { 'content-type': 'application/apply-patch+yaml' }
const maps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

function apply(path: string, manager: string, body: unknown, force = false) {
  return api.request('PATCH', `${path}?fieldManager=${manager}&force=${force}`, JSON.stringify(body), yaml)
}

function configMap(name: string, data: Record<string, string>, extra: object = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...extra }, data }
}

function deployment(name: string, container: object, spec: object = {}) {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'a:1', ...container }] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  }
}

describe('server-side apply', () => {
  test('removes what its manager no longer names, and keeps what others own', async () => {
    await apply(`${maps}/shared`, 'one', configMap('shared', { a: '1', b: '1' }))
    await apply(`${maps}/shared`, 'two', configMap('shared', { b: '1', c: '1' }))
    const after = await apply(`${maps}/shared`, 'one', configMap('shared', {}))
    // `b` stays for "two", who applied the same value; `a` was only "one"'s.
    expect(pick(after.body, 'data')).toEqual({ b: '1', c: '1' })
  })

  test('names every conflicting field and its manager', async () => {
    await apply(`${maps}/conflict`, 'one', configMap('conflict', { a: '1', b: '1', c: '1' }))
    const refused = await apply(`${maps}/conflict`, 'two', configMap('conflict', { a: '2', b: '2', c: '1' }))
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({
      reason: 'Conflict',
      message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.b' },
        ],
      },
    })
    const forced = await apply(`${maps}/conflict`, 'two', configMap('conflict', { a: '2', b: '2', c: '1' }), true)
    expect(pick(forced.body, 'data')).toEqual({ a: '2', b: '2', c: '1' })
    // "one" lost a and b, and shares c.
    const gone = await apply(`${maps}/conflict`, 'one', configMap('conflict', {}))
    expect(pick(gone.body, 'data')).toEqual({ a: '2', b: '2', c: '1' })
  })

  test('a field changed by an update conflicts with its applier afterwards', async () => {
    await apply(`${deployments}/scaled`, 'slipway', deployment('scaled', {}, { replicas: 1 }))
    const scaled = { spec: { replicas: 4 } }
    const merge = { 'content-type': 'application/merge-patch+json', 'user-agent': 'kubectl/v1.36.2' }
    expect((await api.request('PATCH', `${deployments}/scaled`, scaled, merge)).status).toBe(200)
    const refused = await apply(`${deployments}/scaled`, 'slipway', deployment('scaled', {}, { replicas: 1 }))
    expect(refused.status).toBe(409)
    expect(pick(refused.body, 'message')).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
    )
    // Not naming the field gives it up without taking it away from the other.
    const given = await apply(`${deployments}/scaled`, 'slipway', deployment('scaled', {}))
    expect(pick(given.body, 'spec.replicas')).toBe(4)
  })

  test('merges keyed lists by their keys and keeps the elements of others', async () => {
    const one = deployment('keyed', { env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] })
    await apply(`${deployments}/keyed`, 'one', one)
    const two = {
      ...deployment('keyed', {}),
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'app', env: [{ name: 'B', value: '2' }] },
              { name: 'side', image: 's:1' },
            ],
          },
        },
      },
    }
    const merged = await apply(`${deployments}/keyed`, 'two', two)
    expect(merged.status).toBe(200)
    expect(pick(merged.body, 'spec.template.spec.containers.0.env')).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ])
    expect(pick(merged.body, 'spec.template.spec.containers.1.name')).toBe('side')
    const without = await apply(`${deployments}/keyed`, 'one', deployment('keyed', {}))
    expect(pick(without.body, 'spec.template.spec.containers.0.env')).toEqual([{ name: 'B', value: '2' }])
    expect(pick(without.body, 'spec.template.spec.containers.0.ports')).toBeUndefined()
  })

  test('the same configuration again changes nothing, whatever its quantities look like', async () => {
    const config = deployment('same', { resources: { requests: { cpu: '0.5', memory: '1024Mi' } } })
    const first = await apply(`${deployments}/same`, 'slipway', config)
    expect(pick(first.body, 'spec.template.spec.containers.0.resources.requests')).toEqual({
      cpu: '500m',
      memory: '1Gi',
    })
    const again = await apply(`${deployments}/same`, 'slipway', config)
    expect(pick(again.body, 'metadata.resourceVersion')).toBe(pick(first.body, 'metadata.resourceVersion'))
    expect(pick(again.body, 'metadata.generation')).toBe(1)
  })

  test('status is applied through its own subresource', async () => {
    await apply(`${deployments}/state`, 'slipway', deployment('state', {}))
    const status = { ...deployment('state', {}), status: { replicas: 2, observedGeneration: 1 } }
    const applied = await apply(`${deployments}/state/status`, 'controller', status)
    expect(pick(applied.body, 'status')).toEqual({ replicas: 2, observedGeneration: 1 })
    expect(pick(applied.body, 'metadata.generation')).toBe(1)
    const ignored = await apply(`${deployments}/state`, 'slipway', {
      ...deployment('state', {}),
      status: { replicas: 9 },
    })
    expect(pick(ignored.body, 'status.replicas')).toBe(2)
  })

  test('a dry run tells of conflicts and stores nothing', async () => {
    const path = `${maps}/dry?fieldManager=one&dryRun=All`
    const dry = await api.request('PATCH', path, JSON.stringify(configMap('dry', { a: '1' })), yaml)
    expect(dry.status).toBe(201)
    expect(pick(dry.body, 'metadata.uid')).toEqual(expect.any(String))
    expect((await api.request('GET', `${maps}/dry`)).status).toBe(404)
  })

  test('refuses what cannot be applied', async () => {
    const noManager = await api.request('PATCH', `${maps}/x`, JSON.stringify(configMap('x', {})), yaml)
    expect(noManager.status).toBe(422)
    expect(pick(noManager.body, 'message')).toBe(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    )
    const unknown = await apply(`${maps}/x`, 'one', { ...configMap('x', {}), bogus: 1 })
    expect(unknown.status).toBe(500)
    expect(pick(unknown.body, 'message')).toBe(
      'failed to create typed patch object (/x; /v1, Kind=ConfigMap): .bogus: field not declared in schema',
    )
    const owned = await apply(`${maps}/x`, 'one', configMap('x', {}, { managedFields: [{ manager: 'one' }] }))
    expect(owned.status).toBe(400)
    expect(pick(owned.body, 'message')).toBe('metadata.managedFields must be nil')
    const other = await apply(`${maps}/x`, 'one', configMap('y', {}))
    expect(other.status).toBe(400)
  })

  test('labels and annotations of several managers live side by side', async () => {
    await apply(
      `${maps}/labels`,
      'one',
      configMap('labels', { k: '1' }, { labels: { a: '1' }, annotations: { x: '1' } }),
    )
    await apply(`${maps}/labels`, 'two', configMap('labels', { k: '1' }, { labels: { b: '2' } }))
    const after = await apply(`${maps}/labels`, 'one', configMap('labels', { k: '1' }, { labels: { a: '3' } }))
    expect(pick(after.body, 'metadata.labels')).toEqual({ a: '3', b: '2' })
    expect(pick(after.body, 'metadata.annotations')).toBeUndefined()
  })
})
