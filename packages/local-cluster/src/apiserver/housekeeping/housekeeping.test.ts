import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, pick, startTestApi, type TestApi } from '../../testing/api.ts'
import { Events, Pods } from '../../types/resources.ts'
import { sweepEvents } from './event-expiry.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

const maps = '/api/v1/namespaces/default/configmaps'

async function owned(name: string, owners: { name: string; uid: unknown; blockOwnerDeletion?: boolean }[]) {
  const ownerReferences = owners.map((owner) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...owner }))
  const made = await api.request('POST', maps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ownerReferences },
  })
  expect(made.status).toBe(201)
  return { name, uid: pick(made.body, 'metadata.uid') }
}

async function status(name: string): Promise<number> {
  return (await api.request('GET', `${maps}/${name}`)).status
}

describe('garbage collection', () => {
  test('takes the whole tree along in the background', async () => {
    const root = await owned('bg-root', [])
    const child = await owned('bg-child', [root])
    await owned('bg-grandchild', [child])
    expect((await api.request('DELETE', `${maps}/bg-root`)).status).toBe(200)
    await eventually(async () => (await status('bg-child')) === 404 && (await status('bg-grandchild')) === 404)
  })

  test('leaves an object that has another owner, without the reference to the one that went', async () => {
    const [a, b] = [await owned('two-a', []), await owned('two-b', [])]
    await owned('two-child', [a, b])
    await api.request('DELETE', `${maps}/two-a`)
    const child = await eventually(async () => {
      const { body } = await api.request('GET', `${maps}/two-child`)
      return (pick(body, 'metadata.ownerReferences') as unknown[]).length === 1 ? body : null
    })
    expect(pick(child, 'metadata.ownerReferences.0.name')).toBe('two-b')
  })

  test('deletes what names an owner that does not exist', async () => {
    await owned('lost', [{ name: 'never', uid: '00000000-0000-4000-8000-000000000000' }])
    await eventually(async () => (await status('lost')) === 404)
  })

  test('an owner with the same name but another uid is not the owner', async () => {
    const first = await owned('again', [])
    await api.request('DELETE', `${maps}/again`)
    await owned('again', [])
    await owned('of-first', [first])
    await eventually(async () => (await status('of-first')) === 404)
    expect(await status('again')).toBe(200)
  })

  test('orphans are kept and freed', async () => {
    const root = await owned('orphan-root', [])
    await owned('orphan-child', [root])
    await api.request('DELETE', `${maps}/orphan-root?propagationPolicy=Orphan`)
    await eventually(async () => (await status('orphan-root')) === 404)
    const { body } = await api.request('GET', `${maps}/orphan-child`)
    expect(pick(body, 'metadata.ownerReferences')).toBeUndefined()
  })

  test('in the foreground the owner waits for what blocks it', async () => {
    const root = await owned('fg-root', [])
    await owned('fg-child', [{ ...root, blockOwnerDeletion: true }])
    const hold = { metadata: { finalizers: ['example.com/hold'] } }
    const merge = { 'content-type': 'application/merge-patch+json' }
    await api.request('PATCH', `${maps}/fg-child`, hold, merge)
    const deleted = await api.request('DELETE', `${maps}/fg-root?propagationPolicy=Foreground`)
    expect(pick(deleted.body, 'metadata.finalizers')).toEqual(['foregroundDeletion'])
    await eventually(async () => {
      const { body } = await api.request('GET', `${maps}/fg-child`)
      return pick(body, 'metadata.deletionTimestamp') !== undefined
    })
    expect(await status('fg-root')).toBe(200)
    await api.request('PATCH', `${maps}/fg-child`, { metadata: { finalizers: null } }, merge)
    await eventually(async () => (await status('fg-root')) === 404)
    expect(await status('fg-child')).toBe(404)
  })

  test('takes up after a restart what was left undone', async () => {
    const first = await startTestApi({ keepDir: true })
    const { uid } = { uid: '11111111-1111-4111-8111-111111111111' }
    await first.stop()
    const second = await startTestApi({ dir: first.dir, keepDir: true })
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid }]
    // Written past the collector's eyes, as by a process that died before it looked.
    second.server.core.storeUnchecked(
      { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'stray', namespace: 'default', uid: 'x', ownerReferences },
      },
    )
    await second.stop()
    const third = await startTestApi({ dir: first.dir })
    await eventually(async () => (await third.request('GET', `${maps}/stray`)).status === 404)
    await third.stop()
  })
})

describe('namespaces', () => {
  test('empty themselves before they go, and take nothing new meanwhile', async () => {
    await api.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'going' },
    })
    const home = '/api/v1/namespaces/going'
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['example.com/hold'] } }
    await api.request('POST', `${home}/configmaps`, map)
    await api.request('POST', `${home}/secrets`, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } })
    const deleted = await api.request('DELETE', home)
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } })
    const late = await api.request('POST', `${home}/configmaps`, { ...map, metadata: { name: 'late' } })
    expect(late.body).toMatchObject({
      code: 403,
      message:
        'configmaps "late" is forbidden: unable to create new content in namespace going because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    })
    const waiting = await eventually(async () => {
      const { body } = await api.request('GET', home)
      return pick(body, 'status.conditions') === undefined ? null : body
    })
    expect(JSON.stringify(pick(waiting, 'status.conditions'))).toContain('example.com/hold in 1 resource instances')
    expect((await api.request('GET', `${home}/secrets/s`)).status).toBe(404)
    const merge = { 'content-type': 'application/merge-patch+json' }
    await api.request('PATCH', `${home}/configmaps/held`, { metadata: { finalizers: null } }, merge)
    await eventually(async () => (await api.request('GET', home)).status === 404)
  })

  test('come with a service account that is there at once', async () => {
    await api.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'fresh' },
    })
    expect((await api.request('GET', '/api/v1/namespaces/fresh/serviceaccounts/default')).status).toBe(200)
  })
})

describe('graceful deletion of pods', () => {
  test('waits for the node, and ends with it', async () => {
    const pods = '/api/v1/namespaces/default/pods'
    const spec = { containers: [{ name: 'c', image: 'a:1' }], terminationGracePeriodSeconds: 7 }
    await api.request('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })
    const bind = () => api.server.localApi('scheduler').bind({ namespace: 'default', name: 'p' }, 'n1')
    await bind()
    await expect(bind()).rejects.toMatchObject({ code: 409 })
    const deleted = await api.request('DELETE', `${pods}/p`)
    expect(deleted.body).toMatchObject({ kind: 'Pod', metadata: { deletionGracePeriodSeconds: 7, generation: 2 } })
    // A second delete does not begin the time anew.
    const again = await api.request('DELETE', `${pods}/p`)
    expect(pick(again.body, 'metadata.deletionTimestamp')).toBe(pick(deleted.body, 'metadata.deletionTimestamp'))
    await api.server.localApi('kubelet').delete(Pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 })
    expect((await api.request('GET', `${pods}/p`)).status).toBe(404)
  })
})

describe('events', () => {
  test('repeats are counted, and all go after an hour', async () => {
    const local = api.server.localApi('test')
    const about = await local.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'subject', namespace: 'default' },
    })
    const event = { about, type: 'Warning' as const, reason: 'Tested', message: 'again', component: 'test' }
    for (let i = 0; i < 3; i += 1) await local.recordEvent(event)
    const selector = encodeURIComponent('involvedObject.name=subject,reason=Tested')
    const { body } = await api.request('GET', `/api/v1/namespaces/default/events?fieldSelector=${selector}`)
    expect(pick(body, 'items')).toHaveLength(1)
    expect(pick(body, 'items.0')).toMatchObject({ count: 3, message: 'again', source: { component: 'test' } })
    expect(sweepEvents(api.server.core, Date.now())).toBe(0)
    expect(sweepEvents(api.server.core, Date.now() + 2 * 60 * 60_000)).toBeGreaterThan(0)
    expect(api.server.core.store.list(Events)).toEqual([])
  })

  test('floods about one object are cut', async () => {
    const local = api.server.localApi('test')
    const about = await local.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'flooded', namespace: 'default' },
    })
    for (let i = 0; i < 200; i += 1) {
      await local.recordEvent({ about, type: 'Normal', reason: 'Flood', message: `number ${i}`, component: 'test' })
    }
    const flood = api.server.core.store.list(Events).filter((event) => Reflect.get(event, 'reason') === 'Flood')
    const counts = flood.map((event) => Number(Reflect.get(event, 'count')))
    // Nine that stand for themselves, and one for the others until the source has said 25.
    expect([counts.length, Math.max(...counts)]).toEqual([10, 16])
  })
})
