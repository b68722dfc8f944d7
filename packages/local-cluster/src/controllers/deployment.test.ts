import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import { Deployments, ReplicaSets } from '../types/resources.ts'
import type { Deployment, ReplicaSet } from '../types/workload.ts'
import { call, follow, path, readRecording, steps } from './testing/http.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster?.stop())

const deployments = path('apps/v1', 'deployments')
const get = async (name: string) => (await call(cluster, 'GET', `${deployments}/${name}`)) as Deployment
const said = (object: unknown) =>
  ((pick(object, 'status.conditions') ?? []) as { type: string; status: string; reason: string }[]).map(
    ({ type, status, reason }) => `${type}=${status}(${reason})`,
  )
const rolledOut = (name: string) =>
  until(`${name} is rolled out`, async () => {
    const { status, metadata, spec } = await get(name)
    const { observedGeneration, updatedReplicas, availableReplicas, replicas } = status ?? {}
    return (
      observedGeneration === metadata.generation &&
      [updatedReplicas, availableReplicas, replicas].every((count) => count === spec.replicas) &&
      said({ status }).includes('Progressing=True(NewReplicaSetAvailable)')
    )
  })
const annotate = (name: string, v: string) =>
  call(cluster, 'PATCH', `${deployments}/${name}`, {
    body: { spec: { template: { metadata: { annotations: { v } } } } },
  })

async function create(name: string, more: Record<string, unknown> = {}): Promise<void> {
  const container = { name: 'app', image: 'busybox:1.35', command: ['sleep', '10000'] }
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  const spec = { replicas: 2, selector: { matchLabels: { app: name } }, template, ...more }
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec }
  await call(cluster, 'POST', deployments, { body })
}

test('says how far it is in the order of a real cluster, and only people raise its generation', async () => {
  const { events, stop } = follow(cluster, Deployments)
  await create('order', { replicas: 1 })
  await rolledOut('order')
  stop()
  const theirs = steps(readRecording('deploy-success').watch.deployments ?? [], said)
  const ours = steps(events, said)
  expect(ours).toEqual(theirs.filter((each) => ours.some((other) => other.join() === each.join())))
  expect(ours.slice(0, 3)).toEqual(theirs.slice(0, 3))
  expect((await get('order')).metadata).toMatchObject({
    generation: 1,
    annotations: { 'deployment.kubernetes.io/revision': '1' },
  })
  await annotate('order', '2')
  await rolledOut('order')
  expect((await get('order')).metadata).toMatchObject({
    generation: 2,
    annotations: { 'deployment.kubernetes.io/revision': '2' },
  })
})

test('rests while paused: nothing is rolled out until it goes on', async () => {
  await create('pause')
  await rolledOut('pause')
  await call(cluster, 'PATCH', `${deployments}/pause`, { body: { spec: { paused: true } } })
  await until('it says so', async () => said(await get('pause')).includes('Progressing=Unknown(DeploymentPaused)'))
  await annotate('pause', '2')
  await until('it was seen', async () => {
    const { status, metadata } = await get('pause')
    return status?.observedGeneration === metadata.generation
  })
  const sets = async () =>
    (await cluster.api.list<ReplicaSet>(ReplicaSets, { namespace: NAMESPACE, labelSelector: 'app=pause' })).items
  expect(await sets()).toHaveLength(1)
  await call(cluster, 'PATCH', `${deployments}/pause`, { body: { spec: { paused: false } } })
  await rolledOut('pause')
  expect(await sets()).toHaveLength(2)
})

test('a rollout that does not come on is said to have failed after its deadline', async () => {
  await create('stuck', { progressDeadlineSeconds: 1 })
  await rolledOut('stuck')
  await call(cluster, 'PATCH', `${deployments}/stuck`, {
    body: { spec: { template: { spec: { containers: [{ name: 'app', image: 'nobody/nothing:1' }] } } } },
  })
  await until('it says so', async () =>
    said(await get('stuck')).includes('Progressing=False(ProgressDeadlineExceeded)'),
  )
  expect((await get('stuck')).status?.availableReplicas).toBe(2)
})
