import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAbout, NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import type { Pod } from '../types/pod.ts'
import { ControllerRevisions, Nodes, Pods } from '../types/resources.ts'
import { call, path } from './testing/http.ts'
import type { DaemonSet } from './workload-objects.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster?.stop())

const sets = path('apps/v1', 'daemonsets')
const setOf = async (name: string) => (await call(cluster, 'GET', `${sets}/${name}`)) as DaemonSet
const podsOf = async (app: string) =>
  (await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE, labelSelector: `app=${app}` })).items
const settled = (name: string) =>
  until(`${name} runs its newest template`, async () => {
    const set = await setOf(name)
    const { observedGeneration, updatedNumberScheduled, numberAvailable } = set.status ?? {}
    const done = updatedNumberScheduled === 1 && numberAvailable === 1 && (await podsOf(name)).length === 1
    return observedGeneration === set.metadata.generation && done && set
  })
const change = (name: string, v: string) =>
  call(cluster, 'PATCH', `${sets}/${name}`, { body: { spec: { template: { metadata: { annotations: { v } } } } } })

function manifest(name: string, more: Record<string, unknown> = {}, podSpec: Record<string, unknown> = {}) {
  const container = { name: 'agent', image: 'busybox:1.35', command: ['sleep', '10000'] }
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...podSpec },
  }
  const spec = { selector: { matchLabels: { app: name } }, template, ...more }
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name }, spec }
}

test('runs one pod on the node, updates it, and keeps what it was', async () => {
  await call(cluster, 'POST', sets, { body: manifest('agent') })
  const set = await settled('agent')
  expect(set.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '1' })
  expect(set.status).toEqual({
    currentNumberScheduled: 1,
    numberMisscheduled: 0,
    desiredNumberScheduled: 1,
    numberReady: 1,
    observedGeneration: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
  })
  const [first] = await podsOf('agent')
  expect(first?.metadata.labels).toEqual({
    app: 'agent',
    'controller-revision-hash': expect.any(String),
    'pod-template-generation': '1',
  })
  expect(first?.spec.affinity?.nodeAffinity).toEqual({
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [cluster.node.nodeName] }] }],
    },
  })
  expect(first?.spec.tolerations).toHaveLength(6)
  await change('agent', '2')
  const updated = await settled('agent')
  const [second] = await podsOf('agent')
  expect(second?.metadata.uid).not.toBe(first?.metadata.uid)
  expect(second?.metadata.annotations?.v).toBe('2')
  expect(updated.metadata.annotations?.['deprecated.daemonset.template.generation']).toBe('2')
  const { items } = await cluster.api.list(ControllerRevisions, { namespace: NAMESPACE, labelSelector: 'app=agent' })
  expect(items.map((item) => 'revision' in item && item.revision).sort()).toEqual([1, 2])
  expect((await eventsAbout(cluster, 'agent')).map(({ reason, message }) => `${reason} ${message}`)).toEqual([
    `SuccessfulCreate Created pod: ${first?.metadata.name}`,
    `SuccessfulDelete Deleted pod: ${first?.metadata.name}`,
    `SuccessfulCreate Created pod: ${second?.metadata.name}`,
  ])
})

test('with OnDelete a pod stays as it is until somebody deletes it', async () => {
  await call(cluster, 'POST', sets, { body: manifest('hand', { updateStrategy: { type: 'OnDelete' } }) })
  await settled('hand')
  await change('hand', '2')
  await until('it was seen', async () => (await setOf('hand')).status?.observedGeneration === 2)
  const [pod] = await podsOf('hand')
  expect(pod?.metadata.annotations?.v).toBeUndefined()
  expect((await setOf('hand')).status?.updatedNumberScheduled).toBeUndefined()
  await cluster.api.delete(Pods, { namespace: NAMESPACE, name: pod?.metadata.name ?? '' })
  await settled('hand')
  expect((await podsOf('hand'))[0]?.metadata.annotations?.v).toBe('2')
})

test('a surge starts the new pod before the old one ends', async () => {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  await call(cluster, 'POST', sets, { body: manifest('surge', { updateStrategy }) })
  await settled('surge')
  let [most, least] = [0, Number.POSITIVE_INFINITY]
  const stop = cluster.api.watch(Pods, {
    namespace: NAMESPACE,
    labelSelector: 'app=surge',
    onEvent: () =>
      void podsOf('surge').then((pods) => {
        const going = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        most = Math.max(most, going.length)
        least = Math.min(least, going.filter(({ status }) => status?.phase === 'Running').length)
      }),
  })
  await change('surge', '2')
  await settled('surge')
  stop()
  expect([most, least]).toEqual([2, 1])
})

test('follows the labels and taints of the node', async () => {
  const key = { name: cluster.node.nodeName }
  await call(cluster, 'POST', sets, { body: manifest('picky', {}, { nodeSelector: { disk: 'fast' } }) })
  await until('it wants no node', async () => (await setOf('picky')).status?.observedGeneration === 1)
  expect((await setOf('picky')).status?.desiredNumberScheduled).toBe(0)
  const label = (disk: string | null) =>
    cluster.api.patch(Nodes, key, { type: 'merge', body: { metadata: { labels: { disk } } } })
  await label('fast')
  await settled('picky')
  await label(null)
  await until('its pod is gone', async () => (await podsOf('picky')).length === 0)
  expect((await setOf('picky')).status?.desiredNumberScheduled).toBe(0)
})
