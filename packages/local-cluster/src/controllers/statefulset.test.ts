import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import type { Pod } from '../types/pod.ts'
import { isReady } from '../types/pod-conditions.ts'
import { ControllerRevisions, Events, PersistentVolumeClaims, Pods, StatefulSets } from '../types/resources.ts'
import { provideStorageClass } from './storage-class.ts'
import { call, eventLines, follow, path, readRecording, steps } from './testing/http.ts'
import type { ControllerRevision, StatefulSet } from './workload-objects.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster?.stop())

const sets = path('apps/v1', 'statefulsets')
const setOf = async (name: string) => (await call(cluster, 'GET', `${sets}/${name}`)) as StatefulSet
const podsOf = async (app: string) =>
  (await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })).items
const settled = (name: string, replicas: number) =>
  until(`${name} has ${replicas} ready pods of its newest template`, async () => {
    const set = await setOf(name)
    const { status, metadata } = set
    return (
      status?.observedGeneration === metadata.generation &&
      status?.replicas === replicas &&
      (status.readyReplicas ?? 0) === replicas &&
      (set.spec.updateStrategy?.type === 'OnDelete' || (status.updatedReplicas ?? 0) === replicas) &&
      set
    )
  })

function manifest(name: string, more: Record<string, unknown> = {}) {
  const container = { name: 'db', image: 'busybox:1.35', command: ['sleep', '10000'] }
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  const spec = { serviceName: name, replicas: 2, selector: { matchLabels: { app: name } }, template, ...more }
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name }, spec }
}

describe('as recorded on a real cluster', () => {
  test('creates in order, updates and scales down from the end, and says so in the same statuses and events', async () => {
    const recording = readRecording('statefulset')
    const [streams, events, pods] = [follow(cluster, StatefulSets), follow(cluster, Events), follow(cluster, Pods)]
    for (const { request } of recording.exchanges) {
      const target = request.path.replaceAll('rec-statefulset', NAMESPACE)
      const contentType = request.contentType === undefined ? {} : { contentType: request.contentType }
      await call(cluster, request.method, target, { body: request.body, ...contentType })
      if (target.includes('statefulsets')) await settled('db', (await setOf('db')).spec.replicas ?? 0)
    }
    for (const each of [streams, events, pods]) each.stop()
    const revision = revisionNames()
    const status = (object: unknown) => {
      const { currentRevision, updateRevision, ...rest } = pick(object, 'status') as Record<string, unknown>
      return { ...rest, current: revision(currentRevision), update: revision(updateRevision) }
    }
    const ours = steps(streams.events, status)
    const theirNames = revisionNames()
    const theirs = steps(recording.watch.statefulsets ?? [], (object) => {
      const { currentRevision, updateRevision, ...rest } = pick(object, 'status') as Record<string, unknown>
      return { ...rest, current: theirNames(currentRevision), update: theirNames(updateRevision) }
    })
    // The real kubelet takes longer, so that steps may fall together here; none is another one, or in another place.
    expect(ours).toEqual(theirs.filter((each) => ours.some((other) => same(each, other))))
    expect(ours.length).toBeGreaterThan(theirs.length / 2)
    expect(ours.at(-1)).toEqual(theirs.at(-1))
    const came = (list: readonly { type: string; object: unknown }[]) =>
      list
        .filter(({ type }) => type !== 'MODIFIED')
        .map(({ type, object }) => `${type} ${pick(object, 'metadata.name')}`)
    expect(came(pods.events)).toEqual(came(recording.watch.pods ?? []))
    const lines = (list: readonly { object: unknown }[]) => eventLines(list, 'StatefulSet', (text) => text)
    expect(lines(events.events)).toEqual(lines(recording.watch.events ?? []))
  })
})

const same = (a: unknown, b: unknown) =>
  JSON.stringify(Object.entries(a as object).sort()) === JSON.stringify(Object.entries(b as object).sort())

/** Names of revisions in the order in which they are met. */
function revisionNames() {
  const names: unknown[] = []
  return (name: unknown) => {
    if (name === undefined) return ''
    if (!names.includes(name)) names.push(name)
    return `revision ${names.indexOf(name)}`
  }
}

test('a pod keeps its name, number, host name and volumes when it comes again', async () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  }
  await call(cluster, 'POST', sets, { body: manifest('own', { replicas: 1, volumeClaimTemplates: [claim] }) })
  const first = await until('the first pod is there', async () => (await podsOf('own'))[0])
  expect(first).toMatchObject({
    metadata: {
      name: 'own-0',
      generateName: 'own-',
      labels: { 'apps.kubernetes.io/pod-index': '0', 'statefulset.kubernetes.io/pod-name': 'own-0' },
    },
    spec: {
      hostname: 'own-0',
      subdomain: 'own',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-own-0' } }, expect.anything()],
    },
  })
  await cluster.api.delete(Pods, { namespace: NAMESPACE, name: 'own-0' })
  const second = await until('the pod is there again', async () =>
    (await podsOf('own')).find((pod) => pod.metadata.uid !== first.metadata.uid),
  )
  expect(second.metadata.name).toBe('own-0')
  expect(second.spec.volumes?.[0]).toEqual(first.spec.volumes?.[0])
  const claims = (await cluster.api.list(PersistentVolumeClaims, { namespace: NAMESPACE })).items
  expect(claims.map(({ metadata }) => metadata.name)).toEqual(['data-own-0'])
})

test('with Parallel all pods come at once', async () => {
  const never = { name: 'db', image: 'busybox:1.35', command: ['sh', '-c', 'sleep 10000'] }
  const probe = { exec: { command: ['false'] }, periodSeconds: 1 }
  const body = manifest('many', { replicas: 3, podManagementPolicy: 'Parallel' })
  body.spec.template.spec.containers = [{ ...never, readinessProbe: probe } as typeof never]
  await call(cluster, 'POST', sets, { body })
  await until('three pods that are not ready', async () => (await podsOf('many')).length === 3)
  expect((await podsOf('many')).some(isReady)).toBe(false)
})

test('a partition keeps the pods below it as they are, OnDelete all of them', async () => {
  for (const [name, updateStrategy] of [
    ['part', { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }],
    ['hand', { type: 'OnDelete' }],
  ] as const) {
    await call(cluster, 'POST', sets, { body: manifest(name, { updateStrategy }) })
    await settled(name, 2)
    await call(cluster, 'PATCH', `${sets}/${name}`, {
      body: { spec: { template: { metadata: { annotations: { v: '2' } } } } },
    })
  }
  const version = async (name: string) => {
    const pods = await podsOf(name)
    return Object.fromEntries(pods.map((pod) => [pod.metadata.name, pod.metadata.annotations?.v]))
  }
  await until('part-1 is new and ready', async () => {
    const set = await setOf('part')
    return set.status?.updatedReplicas === 1 && set.status.readyReplicas === 2
  })
  expect(await version('part')).toEqual({ 'part-0': undefined, 'part-1': '2' })
  // A pod below the partition comes again as it was.
  await cluster.api.delete(Pods, { namespace: NAMESPACE, name: 'part-0' })
  await until(
    'part-0 is ready again',
    async () => (await setOf('part')).status?.readyReplicas === 2 && (await podsOf('part')).length === 2,
  )
  expect(await version('part')).toEqual({ 'part-0': undefined, 'part-1': '2' })
  expect(await version('hand')).toEqual({ 'hand-0': undefined, 'hand-1': undefined })
  await cluster.api.delete(Pods, { namespace: NAMESPACE, name: 'hand-1' })
  await until('hand-1 is new', async () => (await version('hand'))['hand-1'] === '2')
  expect(await version('hand')).toEqual({ 'hand-0': undefined, 'hand-1': '2' })
})

test('keeps a history of revisions and goes back to an old one under a new number', async () => {
  await call(cluster, 'POST', sets, { body: manifest('back', { replicas: 1, revisionHistoryLimit: 1 }) })
  await settled('back', 1)
  const change = async (v: string | null) => {
    await call(cluster, 'PATCH', `${sets}/back`, {
      body: { spec: { template: { metadata: { annotations: { v } } } } },
    })
    await settled('back', 1)
  }
  const revisions = async () =>
    (
      await cluster.api.list<ControllerRevision>(ControllerRevisions, {
        namespace: NAMESPACE,
        labelSelector: 'app=back',
      })
    ).items
      .map(({ revision, data }) => `${revision}: ${data.spec.template.metadata?.annotations?.v ?? 'none'}`)
      .sort()
  await change('2')
  expect(await revisions()).toEqual(['1: none', '2: 2'])
  await change(null)
  expect(await revisions()).toEqual(['2: 2', '3: none'])
  await change('4')
  await until('the oldest is gone', async () => (await revisions()).length === 2)
  expect(await revisions()).toEqual(['3: none', '4: 4'])
})

test('claims go with the pod or the set where the retention policy says so', async () => {
  await provideStorageClass(cluster.api)
  const volumeClaimTemplates = [
    { metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } },
  ]
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' }
  const body = manifest('keep', { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy })
  await call(cluster, 'POST', sets, { body })
  const claims = async () =>
    (await cluster.api.list(PersistentVolumeClaims, { namespace: NAMESPACE, labelSelector: 'app=keep' })).items.map(
      ({ metadata }) => metadata.name,
    )
  await settled('keep', 2)
  expect(await claims()).toEqual(['d-keep-0', 'd-keep-1'])
  await call(cluster, 'PATCH', `${sets}/keep/scale`, { body: { spec: { replicas: 1 } } })
  await until('the claim of the pod that went is gone', async () => (await claims()).join() === 'd-keep-0')
  await call(cluster, 'DELETE', `${sets}/keep`)
  await until('the last claim is gone', async () => (await claims()).length === 0)
})
