import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAbout, NAMESPACE, startTestCluster, type TestCluster, until, untilPod } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import type { Condition } from '../types/condition.ts'
import { PersistentVolumes, StorageClasses } from '../types/resources.ts'
import { provideStorageClass } from './storage-class.ts'
import type { PersistentVolume, PersistentVolumeClaim } from './storage-objects.ts'
import { call, path } from './testing/http.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster?.stop())

const claims = path('v1', 'persistentvolumeclaims')
const claimOf = async (name: string) => (await call(cluster, 'GET', `${claims}/${name}`)) as PersistentVolumeClaim
const volumeOf = (name: string) => cluster.api.get<PersistentVolume>(PersistentVolumes, { name })
const bound = (name: string) =>
  until(`claim ${name} is bound`, async () => {
    const claim = await claimOf(name)
    return claim.status?.phase === 'Bound' && claim
  })

function claim(name: string, more: Record<string, unknown> = {}) {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec }
}

function podWith(name: string, claimName: string, command = ['sleep', '10000']) {
  const container = { name: 'app', image: 'busybox:1.35', command }
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName } }]
  const spec = { terminationGracePeriodSeconds: 0, restartPolicy: 'Never', containers: [container], volumes }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }
}
const pods = path('v1', 'pods')
const scheduled = (pod: unknown) =>
  (pick(pod, 'status.conditions') as Condition[] | undefined)?.find(({ type }) => type === 'PodScheduled')

test('without a class a claim waits, says why, and its pod with it, as recorded', async () => {
  await call(cluster, 'POST', claims, { body: claim('none') })
  await call(cluster, 'POST', pods, { body: podWith('none', 'none') })
  const pod = await untilPod(cluster, 'none', 'is refused', (pod) => scheduled(pod)?.status === 'False')
  expect(scheduled(pod)).toMatchObject({
    reason: 'Unschedulable',
    message: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
  })
  expect(await eventsAbout(cluster, 'none')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        reason: 'FailedBinding',
        message: 'no persistent volumes available for this claim and no storage class is set',
      }),
    ]),
  )
  const { metadata, status } = await claimOf('none')
  expect(metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  expect(status).toEqual({ phase: 'Pending' })
})

test('a volume that is there is bound to the claim it fits, the smallest first', async () => {
  for (const [name, storage] of [
    ['large', '5Gi'],
    ['small', '2Gi'],
    ['tiny', '1Mi'],
  ] as const) {
    const spec = {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'manual',
      hostPath: { path: join(cluster.dir, name) },
    }
    await call(cluster, 'POST', '/api/v1/persistentvolumes', {
      body: { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec },
    })
  }
  await until('the volumes are available', async () => (await volumeOf('tiny'))?.status?.phase === 'Available')
  await call(cluster, 'POST', claims, { body: claim('manual', { storageClassName: 'manual' }) })
  const made = await bound('manual')
  expect(made).toMatchObject({
    metadata: {
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
    },
    spec: { volumeName: 'small' },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } },
  })
  expect(await volumeOf('small')).toMatchObject({
    spec: { claimRef: { namespace: NAMESPACE, name: 'manual', uid: made.metadata.uid } },
    status: { phase: 'Bound' },
  })
  await call(cluster, 'DELETE', `${claims}/manual`)
  await until('the volume is released and kept', async () => (await volumeOf('small'))?.status?.phase === 'Released')
})

test('the standard class makes a directory for the first pod, and removes it with the claim', async () => {
  await provideStorageClass(cluster.api)
  await provideStorageClass(cluster.api)
  await call(cluster, 'POST', claims, { body: claim('data') })
  expect((await claimOf('data')).spec.storageClassName).toBe('standard')
  await until('it waits for a pod', async () =>
    (await eventsAbout(cluster, 'data')).some(({ reason }) => reason === 'WaitForFirstConsumer'),
  )
  expect((await claimOf('data')).status?.phase).toBe('Pending')
  await call(cluster, 'POST', pods, { body: podWith('user', 'data') })
  const { metadata, spec } = await bound('data')
  await untilPod(cluster, 'user', 'runs', (pod) => pod.status?.phase === 'Running')
  const volume = await volumeOf(spec.volumeName ?? '')
  const directory = volume?.spec.hostPath?.path ?? ''
  expect(directory).toBe(join(cluster.dir, 'volumes', `pvc-${metadata.uid}`))
  writeFileSync(join(directory, 'file'), 'kept')
  mkdirSync(join(directory, 'folder'))
  // The pod holds the claim.
  await call(cluster, 'DELETE', `${claims}/data`)
  expect((await claimOf('data')).metadata.deletionTimestamp).toBeDefined()
  expect(existsSync(join(directory, 'file'))).toBe(true)
  await call(cluster, 'DELETE', `${pods}/user`)
  await until('volume and directory are gone', async () => (await volumeOf(spec.volumeName ?? '')) === null)
  expect(existsSync(directory)).toBe(false)
  // The claim without a class from before has got one.
  await until(
    'the waiting pod runs',
    async () => pick(await call(cluster, 'GET', `${pods}/none`), 'status.phase') === 'Running',
  )
})

test('a claim grows where its class allows it, and only then', async () => {
  await call(cluster, 'POST', claims, { body: claim('grow') })
  await call(cluster, 'POST', pods, { body: podWith('grow', 'grow') })
  await bound('grow')
  const resize = (storage: string, expected: number) =>
    call(cluster, 'PATCH', `${claims}/grow`, { body: { spec: { resources: { requests: { storage } } } }, expected })
  await resize('2Gi', 200)
  await until('it has two', async () => (await claimOf('grow')).status?.capacity?.storage === '2Gi')
  expect(pick(await resize('1Gi', 422), 'message')).toMatch(/field can not be less than status.capacity/)
  expect(
    pick(
      await call(cluster, 'PATCH', `${claims}/grow`, {
        body: { spec: { accessModes: ['ReadWriteMany'] } },
        expected: 422,
      }),
      'message',
    ),
  ).toMatch(/spec is immutable after creation except resources.requests/)
  await cluster.api.patch(
    StorageClasses,
    { name: 'standard' },
    { type: 'merge', body: { allowVolumeExpansion: false } },
  )
  expect(pick(await resize('3Gi', 403), 'message')).toMatch(/only dynamically provisioned pvc can be resized/)
})

test('claims and volumes that cannot be are refused in the words of Kubernetes', async () => {
  const refused = async (target: string, body: unknown) =>
    pick(await call(cluster, 'POST', target, { body, expected: 422 }), 'message')
  expect(await refused(claims, { ...claim('bad'), spec: {} })).toBe(
    'PersistentVolumeClaim "bad" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]',
  )
  expect(
    await refused('/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'bad' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['Sometimes'] },
    }),
  ).toBe(
    'PersistentVolume "bad" is invalid: [spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod", spec: Required value: must specify a volume type]',
  )
})
