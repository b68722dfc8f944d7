import { statSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NAMESPACE, startTestCluster, type TestCluster, until } from './node/testing/cluster.ts'
import { eventually } from './testing/api.ts'
import type { KubernetesObjectInput } from './types/objects.ts'
import {
  Deployments,
  Namespaces,
  PersistentVolumeClaims,
  PodDisruptionBudgets,
  Pods,
  ResourceQuotas,
  Services,
} from './types/resources.ts'
import type { Deployment } from './types/workload.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await startTestCluster({ simulation: { speed: 50 } })
})
afterEach(() => cluster?.stop({ stopPods: false }))

const namespace = NAMESPACE
const input = (object: object) => object as KubernetesObjectInput
const containers = (image: string) => [
  { name: 'app', image, resources: { requests: { cpu: '1m', memory: '1Mi' } }, ports: [{ containerPort: 80 }] },
]

function deployment(name: string, replicas: number): KubernetesObjectInput {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: containers('example.com/app:1') } }
  const spec = { replicas, selector: { matchLabels: labels }, template }
  return input({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec })
}

const service = (name: string) =>
  input({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  })

const budget = (name: string) =>
  input({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: name } } },
  })

async function isRolledOut(name: string): Promise<boolean> {
  const found = await cluster.api.get<Deployment>(Deployments, { namespace, name })
  const { observedGeneration, updatedReplicas, availableReplicas, replicas } = found?.status ?? {}
  const wanted = found?.spec.replicas
  const current = observedGeneration === found?.metadata.generation
  return current && updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted
}

const claim = (name: string) =>
  input({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
  })

/** How many pods were looked at to bring a small app up, roll it over and take it and its claim away. */
async function podsLookedAt(name: string): Promise<number> {
  const { api, server } = cluster
  const before = server.core.store.looked.get('pods') ?? 0
  for (const object of [deployment(name, 3), service(name), budget(name), claim(name)]) await api.create(object)
  await until(`${name} is up`, () => isRolledOut(name))
  const spec = { template: { spec: { containers: containers('example.com/app:2') } } }
  await api.patch(Deployments, { namespace, name }, { type: 'strategic', body: { spec } })
  await until(`${name} is rolled over`, () => isRolledOut(name))
  await api.list(Pods, { namespace, labelSelector: 'rare' })
  for (const type of [Deployments, Services, PodDisruptionBudgets, PersistentVolumeClaims]) {
    await api.delete(type, { namespace, name })
  }
  await until('the claim is let go', async () => {
    return (await api.get(PersistentVolumeClaims, { namespace, name })) === null
  })
  await until(`${name} is gone`, async () => {
    return (await api.list(Pods, { namespace, selector: { matchLabels: { app: name } } })).items.length === 0
  })
  return (server.core.store.looked.get('pods') ?? 0) - before
}

test('a rollout looks at its own pods, however many others there are', async () => {
  const { api, server } = cluster
  const hard = { pods: '10000', 'requests.cpu': '1000' }
  await api.create(
    input({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'all', namespace }, ...{ spec: { hard } } }),
  )
  const alone = await podsLookedAt('alone')
  const metadata = { namespace, generateName: 'orphan-', labels: { app: 'other' } }
  const orphan = input({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { containers: containers('example.com/app:1') },
  })
  await Promise.all(Array.from({ length: 300 }, () => api.create(orphan)))
  await api.create(deployment('others', 300))
  await until('the others run', async () => {
    const ready = (await isRolledOut('others')) && server.core.list(Pods, { fieldSelector: 'status.phase!=Running' })
    return ready && ready.length === 0
  })
  let seen = -1
  await until('nobody looks at the others any more', async () => {
    const before = seen
    seen = server.core.store.looked.get('pods') ?? 0
    // Longer than a key may rest.
    await new Promise((resolve) => setTimeout(resolve, 700))
    return seen === before
  })
  const among = await podsLookedAt('among')
  // One list of all pods more, and it would be hundreds.
  expect(among).toBeLessThan(alone + 300)
  const used = await until('the quota is counted', async () => {
    const quota = await api.get(ResourceQuotas, { namespace, name: 'all' })
    const status: unknown = Reflect.get(quota ?? {}, 'status')
    return JSON.stringify(status).includes('"used":{"pods":"600","requests.cpu":"600m"}')
  })
  expect(used).toBe(true)
})

test('more than a thousand pods come and go while requests are answered, and leave nothing behind', async () => {
  const { api, server, dir } = cluster
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let [answered, done] = [0, false]
  const asking = (async () => {
    for (; !done; answered += 1) await ask(`${server.plainUrl}/readyz`, agent)
  })()
  const names = Array.from({ length: 8 }, (_, index) => `app-${index}`)
  for (const name of names) for (const object of [deployment(name, 200), service(name)]) await api.create(object)
  await eventually(async () => {
    const ready = await Promise.all(names.map(isRolledOut))
    return ready.every(Boolean)
  })
  const file = join(dir, 'objects', 'objects.sqlite')
  const fullBytes = statSync(file).size
  await api.delete(Namespaces, { name: namespace })
  await eventually(async () => (await api.get(Namespaces, { name: namespace })) === null, 100_000)
  expect(server.core.store.count(Pods)).toBe(0)
  done = true
  await asking
  agent.destroy()
  expect(answered).toBeGreaterThan(10)
  await eventually(async () => statSync(file).size < fullBytes / 2, 60_000)
}, 240_000)

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { agent }, (response) => {
      response.resume()
      response.on('end', () => setTimeout(resolve, 10))
    })
    outgoing.on('error', reject)
  })
}
