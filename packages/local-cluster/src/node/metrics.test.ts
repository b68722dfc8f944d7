import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig, Metrics } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../cluster.ts'
import { eventually } from '../testing/api.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'slipway-metrics-'))
let cluster: LocalCluster
let config: KubeConfig
beforeAll(async () => {
  cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0, node: { hostImages: ['host'] } })
  config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfigPath)
})
afterAll(async () => {
  await cluster.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const nano = (cpu: string) => (cpu.endsWith('n') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1e9)

test('pods and the node are measured, and served as metrics.k8s.io', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const container = (name: string, script: string) => ({ name, image: 'host', command: ['sh', '-c', script] })
  await core.createNamespacedPod({
    namespace: 'default',
    body: {
      metadata: { name: 'mixed', labels: { app: 'mixed' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [container('busy', 'while :; do :; done'), container('idle', 'sleep 1000')],
      },
    },
  })
  const metrics = new Metrics(config)
  await eventually(async () => {
    const { items } = await metrics.getPodMetrics('default')
    const pod = items.find((item) => item.metadata.name === 'mixed')
    const usage = new Map(pod?.containers.map((each) => [each.name, each.usage]))
    const busy = nano(usage.get('busy')?.cpu ?? '0')
    return busy > 1e8 && nano(usage.get('idle')?.cpu ?? '0') < busy / 4
  })
  const [pod] = (await metrics.getPodMetrics('default')).items
  expect(pod).toMatchObject({
    metadata: { name: 'mixed', namespace: 'default', labels: { app: 'mixed' } },
    window: expect.stringMatching(/^\d+\.\d{3}s$/),
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
  // A program of a few pages may be charged to no cgroup yet: only the sum is sure to be more than nothing.
  await eventually(async () => {
    const [{ containers } = { containers: [] }] = (await metrics.getPodMetrics('default')).items
    const memoryKiB = containers.map((each) => Number(each.usage.memory.replace('Ki', '')))
    return memoryKiB.length === 2 && memoryKiB.reduce((sum, each) => sum + each) > 0
  })
  const nodes = await metrics.getNodeMetrics()
  expect(nodes.items).toHaveLength(1)
  expect(nano(nodes.items[0]?.usage.cpu ?? '0')).toBeGreaterThan(0)
  expect(Number(nodes.items[0]?.usage.memory.replace('Ki', ''))).toBeGreaterThan(10_000)
})

test('the group is discovered; what is not there is 404', async () => {
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${cluster.token}` }
    const response = await fetch(`${cluster.registryUrl}${path}`, { headers })
    return { code: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const groups = (await ask('/apis')).body.groups as { name: string }[]
  expect(groups.map((group) => group.name)).toContain('metrics.k8s.io')
  const resources = (await ask('/apis/metrics.k8s.io/v1beta1')).body.resources as { name: string }[]
  expect(resources.map((resource) => resource.name)).toEqual(['nodes', 'pods'])
  expect(await ask('/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/none')).toMatchObject({
    code: 404,
    body: { kind: 'Status', reason: 'NotFound', message: 'podmetrics.metrics.k8s.io "default/none" not found' },
  })
  expect((await ask('/apis/metrics.k8s.io/v1beta1/pods?labelSelector=app%3Dother')).body.items).toEqual([])
})
