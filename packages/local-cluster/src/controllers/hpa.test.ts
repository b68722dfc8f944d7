import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { NodeUsage } from '../api/client.ts'
import { Deployments, Events, HorizontalPodAutoscalers, Pods } from '../api/resources.ts'
import { eventsAbout, NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import type { HorizontalPodAutoscaler } from './hpa-objects.ts'
import type { Deployment, Pod } from './objects.ts'
import { isReady } from './pods.ts'
import { call, eventLines, follow, path, readRecording, steps } from './testing/http.ts'

const PERIOD_MS = 200
/** Use of each pod in millicores; null: nothing is measured. */
let load: number | null = null
let aheadMs = 0
let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({
    now: () => Date.now() + aheadMs,
    controllers: {
      autoscalerPeriodMs: PERIOD_MS,
      usage: async () => {
        if (load === null) return null
        const { items } = await cluster.api.list<Pod>(Pods)
        const pods = items
          .filter(isReady)
          .map(({ metadata: { namespace = '', name } }) => used(namespace, name, load ?? 0))
        const node = { cpuNanoCores: 0, memoryBytes: 0 }
        return { nodeName: 'node', timestampMs: Date.now(), windowMs: 1, node, pods }
      },
    },
  })
})
afterAll(() => cluster?.stop())
beforeEach(() => {
  load = null
})

function used(namespace: string, name: string, milli: number): NodeUsage['pods'][number] {
  return { namespace, name, containers: [{ name: 'app', cpuNanoCores: milli * 1e6, memoryBytes: 1e6 }] }
}

const hpas = path('autoscaling/v2', 'horizontalpodautoscalers')
const hpaOf = async (name: string) => (await call(cluster, 'GET', `${hpas}/${name}`)) as HorizontalPodAutoscaler
const replicasOf = async (name: string) =>
  (await cluster.api.get<Deployment>(Deployments, { namespace: NAMESPACE, name }))?.spec.replicas
const ready = (name: string, count: number) =>
  until(`${count} pods of ${name} are ready`, async () => {
    const { items } = await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE, labelSelector: `app=${name}` })
    return items.length === count && items.every(isReady)
  })

async function start(name: string, replicas: number, spec: Record<string, unknown>): Promise<void> {
  const container = {
    name: 'app',
    image: 'busybox:1.35',
    command: ['sleep', '10000'],
    resources: { requests: { cpu: '100m' } },
  }
  const template = {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
  await call(cluster, 'POST', path('apps/v1', 'deployments'), {
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas, selector: { matchLabels: { app: name } }, template },
    },
  })
  await ready(name, replicas)
  const metric = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
  }
  await call(cluster, 'POST', hpas, {
    body: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, metrics: [metric], ...spec },
    },
  })
}
const conditions = (hpa: HorizontalPodAutoscaler) =>
  Object.fromEntries((hpa.status?.conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]))

test('as recorded where nothing is measured: up to the least, then it says what is missing', async () => {
  const recording = readRecording('hpa-without-metrics')
  const [streams, events] = [follow(cluster, HorizontalPodAutoscalers), follow(cluster, Events)]
  for (const { request } of recording.exchanges) {
    await call(cluster, request.method, request.path.replaceAll('rec-hpa-without-metrics', NAMESPACE), {
      body: request.body,
    })
  }
  await until('it has complained', async () =>
    (await eventsAbout(cluster, 'web')).some(({ reason }) => reason === 'FailedComputeMetricsReplicas'),
  )
  for (const each of [streams, events]) each.stop()
  const shape = (object: unknown) =>
    JSON.parse(JSON.stringify(pick(object, 'status')), (key, value) => (/Time$/.test(key) ? 'time' : value))
  expect(steps(streams.events, shape)).toEqual(steps(recording.watch.horizontalpodautoscalers ?? [], shape))
  const lines = (list: readonly { object: unknown }[]) => eventLines(list, 'HorizontalPodAutoscaler', (text) => text)
  const ours = lines(events.events)
  expect([...new Set(ours)]).toEqual(lines(recording.watch.events ?? []))
  await call(cluster, 'DELETE', `${hpas}/web`)
  await call(cluster, 'DELETE', path('apps/v1', 'deployments', 'web'))
})

test('scales up to what the load needs, within its limits', async () => {
  load = 100
  await start('up', 1, { minReplicas: 1, maxReplicas: 3 })
  // 100 % of the request where half is wanted: twice as many, until the load goes down with them.
  await until('two are wanted', async () => (await replicasOf('up')) === 2)
  load = 50
  await ready('up', 2)
  const hpa = await until('it rests', async () => {
    const found = await hpaOf('up')
    return conditions(found).AbleToScale === 'True ReadyForNewScale' && found
  })
  expect(hpa.status).toMatchObject({
    currentReplicas: 2,
    desiredReplicas: 2,
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } },
    ],
  })
  expect(conditions(hpa)).toMatchObject({
    ScalingActive: 'True ValidMetricFound',
    ScalingLimited: 'False DesiredWithinRange',
  })
  load = 1000
  await until('three are wanted', async () => (await replicasOf('up')) === 3)
  await until(
    'it says that it is limited',
    async () => conditions(await hpaOf('up')).ScalingLimited === 'True TooManyReplicas',
  )
  expect((await eventsAbout(cluster, 'up')).map(({ message }) => message)).toEqual(
    expect.arrayContaining(['New size: 2; reason: cpu resource utilization (percentage of request) above target']),
  )
  await call(cluster, 'DELETE', `${hpas}/up`)
})

test('waits before it scales down, and a small difference is none', async () => {
  load = 50
  await start('down', 3, { minReplicas: 1, maxReplicas: 5 })
  await until('it has looked', async () => (await hpaOf('down')).status?.currentReplicas === 3)
  load = 54
  await until('it has measured', async () => {
    const [metric] = (await hpaOf('down')).status?.currentMetrics ?? []
    return metric?.resource?.current.averageUtilization === 54
  })
  expect(await replicasOf('down')).toBe(3)
  load = 10
  await until('it holds on', async () => conditions(await hpaOf('down')).AbleToScale === 'True ScaleDownStabilized')
  expect(await replicasOf('down')).toBe(3)
  aheadMs += 301_000
  await until('one is left', async () => (await replicasOf('down')) === 1)
  await until('it says why', async () =>
    (await eventsAbout(cluster, 'down')).some(
      ({ message }) => message === 'New size: 1; reason: All metrics below target',
    ),
  )
  await call(cluster, 'DELETE', `${hpas}/down`)
})

test('keeps to the speed that its behavior allows', async () => {
  load = 1000
  const scaleUp = { policies: [{ type: 'Pods', value: 1, periodSeconds: 600 }] }
  await start('slow', 1, {
    maxReplicas: 9,
    behavior: { scaleUp, scaleDown: { selectPolicy: 'Disabled', stabilizationWindowSeconds: 0 } },
  })
  expect((await hpaOf('slow')).spec.behavior).toMatchObject({
    scaleUp: { selectPolicy: 'Max', stabilizationWindowSeconds: 0 },
    scaleDown: { policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
  })
  await until('one more', async () => (await replicasOf('slow')) === 2)
  await ready('slow', 2)
  await until(
    'it says why not more',
    async () => conditions(await hpaOf('slow')).ScalingLimited === 'True ScaleUpLimit',
  )
  expect(await replicasOf('slow')).toBe(2)
  aheadMs += 601_000
  await until('and one more', async () => (await replicasOf('slow')) === 3)
  load = 0
  await until(
    'it may not go down',
    async () => conditions(await hpaOf('slow')).ScalingLimited === 'True ScaleDownLimit',
  )
  expect(await replicasOf('slow')).toBe(3)
  await call(cluster, 'DELETE', `${hpas}/slow`)
})

test('of several metrics one that fails forbids to scale down, not up', async () => {
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '50m' } } }
  const requests = { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '10' } }
  load = 100
  await start('some', 1, {
    maxReplicas: 3,
    metrics: [{ type: 'Pods', pods: requests }, cpu],
    behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
  })
  await until('two are wanted', async () => (await replicasOf('some')) === 2)
  load = 50
  await ready('some', 2)
  const hpa = await until('it rests', async () => {
    const found = await hpaOf('some')
    return conditions(found).AbleToScale === 'True ReadyForNewScale' && found.status?.currentReplicas === 2 && found
  })
  expect(conditions(hpa).ScalingActive).toBe('True ValidMetricFound')
  expect(hpa.status?.currentMetrics).toMatchObject([
    { type: '' },
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '50m' } } },
  ])
  load = 10
  await until('it gives up', async () => conditions(await hpaOf('some')).ScalingActive === 'False FailedGetPodsMetric')
  expect(await replicasOf('some')).toBe(2)
  const [failed] = (await eventsAbout(cluster, 'some')).filter(
    ({ reason }) => reason === 'FailedComputeMetricsReplicas',
  )
  expect(failed?.message).toMatch(
    /^invalid metrics \(1 invalid out of 2\), first error is: failed to get pods metric value: /,
  )
  await call(cluster, 'DELETE', `${hpas}/some`)
})

test('says what it cannot scale', async () => {
  load = 50
  const body = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'lost' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'lost' }, maxReplicas: 2 },
  }
  await call(cluster, 'POST', hpas, { body })
  const hpa = await until('it says so', async () => {
    const found = await hpaOf('lost')
    return (found.status?.conditions?.length ?? 0) > 0 && found
  })
  expect(hpa.status?.conditions?.[0]).toMatchObject({
    type: 'AbleToScale',
    status: 'False',
    reason: 'FailedGetScale',
    message: `the HPA controller was unable to get the target's current scale: deployments.apps "lost" not found`,
  })
  await call(cluster, 'DELETE', `${hpas}/lost`)
})
