import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../../cluster.ts'
import { eventually } from '../../testing/api.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'slipway-simulated-'))
const namespace = 'default'
let cluster: LocalCluster
let core: CoreV1Api
let apps: AppsV1Api
let batch: BatchV1Api
beforeAll(async () => {
  cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0, runtime: 'simulated', simulationSpeed: 20 })
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
  core = config.makeApiClient(CoreV1Api)
  apps = config.makeApiClient(AppsV1Api)
  batch = config.makeApiClient(BatchV1Api)
})
afterAll(async () => {
  await cluster.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const container = { name: 'app', image: 'example.com/app:1' }
const podsOf = async (app: string): Promise<V1Pod[]> =>
  (await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` })).items

test('a Deployment of simulated pods becomes ready, scales and goes, without a process', async () => {
  const labels = { app: 'web' }
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, initialDelaySeconds: 1 }
  const spec = { containers: [{ ...container, readinessProbe }], terminationGracePeriodSeconds: 30 }
  const body = {
    metadata: { name: 'web' },
    spec: { replicas: 50, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
  await apps.createNamespacedDeployment({ namespace, body })
  const ready = async () => (await apps.readNamespacedDeployment({ namespace, name: 'web' })).status?.readyReplicas ?? 0
  await eventually(async () => (await ready()) === 50, 60_000)
  const pods = await podsOf('web')
  expect(new Set(pods.map((pod) => pod.status?.podIP)).size).toBe(50)
  expect(pods[0]?.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
    'PodReadyToStartContainers=True',
    'Initialized=True',
    'Ready=True',
    'ContainersReady=True',
    'PodScheduled=True',
  ])
  expect(readdirSync(join(stateDir, 'node', 'pods'))).toEqual([])
  await apps.patchNamespacedDeployment({
    namespace,
    name: 'web',
    body: [{ op: 'replace', path: '/spec/replicas', value: 3 }],
  })
  await eventually(async () => (await podsOf('web')).length === 3, 60_000)
  await apps.deleteNamespacedDeployment({ namespace, name: 'web' })
  await eventually(async () => (await podsOf('web')).length === 0, 60_000)
})

test('a Job completes, and a pod that is to crash goes into its back-off', async () => {
  const template = { metadata: { labels: { app: 'job' } }, spec: { restartPolicy: 'Never', containers: [container] } }
  await batch.createNamespacedJob({ namespace, body: { metadata: { name: 'job' }, spec: { template } } })
  await eventually(
    async () => (await batch.readNamespacedJob({ namespace, name: 'job' })).status?.succeeded === 1,
    30_000,
  )
  const annotations = {
    'simulated.slipway.dev/exit-after-seconds': '1',
    'simulated.slipway.dev/exit-code': '3',
  }
  await core.createNamespacedPod({
    namespace,
    body: { metadata: { name: 'crash', annotations }, spec: { containers: [container] } },
  })
  await eventually(async () => {
    const pod = await core.readNamespacedPod({ namespace, name: 'crash' })
    const status = pod.status?.containerStatuses?.[0]
    const ended = status?.state?.terminated ?? status?.lastState?.terminated
    return (status?.restartCount ?? 0) > 0 && ended?.exitCode === 3
  })
  const log = await core.readNamespacedPodLog({ namespace, name: 'crash' })
  expect(log).toContain('simulated')
})
