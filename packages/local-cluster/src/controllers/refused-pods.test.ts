import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalCluster, startLocalCluster } from '../cluster.ts'
import { eventually } from '../testing/api.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'slipway-refused-'))
const config = new KubeConfig()
let cluster: LocalCluster

beforeAll(async () => {
  cluster = await startLocalCluster({ stateDir, apiPort: 0, ingressPort: 0 })
  config.loadFromFile(cluster.kubeconfigPath)
})
afterAll(async () => {
  await cluster?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const BASE_MS = 3000

test('a pod that is refused again and again is tried with growing pauses, not in a hot loop', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)
  const namespace = 'default'
  await core.createNamespacedResourceQuota({
    namespace,
    body: { metadata: { name: 'none' }, spec: { hard: { pods: '0' } } },
  })
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'host' }] } }
  await apps.createNamespacedDeployment({
    namespace,
    body: { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: labels }, template } },
  })
  const sets = async () => (await apps.listNamespacedReplicaSet({ namespace })).items
  const refused = await eventually(async () => {
    const [set] = await sets()
    return set?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')
  })
  expect(refused?.message).toMatch(/exceeded quota: none/)
  // Back-off doubles from milliseconds, so a few seconds hold a dozen tries; a hot loop makes thousands.
  await new Promise((resolve) => setTimeout(resolve, BASE_MS))
  const { items } = await core.listNamespacedEvent({ namespace })
  const tries = items
    .filter(({ reason }) => reason === 'FailedCreate')
    .reduce((sum, { count }) => sum + (count ?? 1), 0)
  expect(tries).toBeGreaterThan(1)
  expect(tries).toBeLessThan(40)
  const [set] = await sets()
  expect(set?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message).toBe(refused?.message)
})
