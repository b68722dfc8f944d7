import {
  type Cluster,
  connectCluster,
  type KubeObject,
  Namespaces,
  NetworkPolicies,
  ResourceQuotas,
} from '@slipway/kube'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

// Whole namespaces, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

let platform: TestPlatform
let cluster: Cluster
beforeAll(async () => {
  platform = await startTestPlatform({ settings: { installation: 'green' } })
  cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
})
afterAll(async () => {
  await cluster?.close()
  await platform?.stop()
})

const place = (environment: string) => ({ team: 'acme', project: 'shop', environment }) as const
const namespaceOf = (environment: string) => `slipway-acme-shop-${environment}`
const namespace = (name: string) => cluster.get<KubeObject>({ ...Namespaces, name })
const labelsOf = async (name: string) => (await namespace(name))?.metadata.labels ?? {}

/** A namespace as somebody else made it. */
const makeNamespace = (name: string, labels: Record<string, string>) =>
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })

test('everything carries the installation’s label, and pods do not', async () => {
  const name = namespaceOf('production')
  await waitFor('the namespace', async () => (await labelsOf(name))['slipway.dev/installation'] === 'green')
  // They are applied after their namespace.
  const items = await waitFor('its network policies', async () => {
    const { items } = await cluster.list<KubeObject>(NetworkPolicies, { namespace: name })
    return items.length > 0 && items
  })
  for (const each of items) expect(each.metadata.labels).toMatchObject({ 'slipway.dev/installation': 'green' })
})

describe('a namespace that is not ours', () => {
  test.each([
    ['of another Slipway', { 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/installation': 'blue' }, '"blue"'],
    ['that nobody labelled', {}, 'Slipway did not make it'],
  ])('%s is left alone, and the app says whose it is', async (what, labels, sentence) => {
    const environment = what.includes('another') ? 'taken' : 'strange'
    const name = namespaceOf(environment)
    await makeNamespace(name, labels)
    const before = await labelsOf(name)
    await platform.api().environment.create.mutate({ ...place(environment), kind: 'staging' })
    const ref = { ...place(environment), app: 'web' }
    await platform.api().app.create.mutate({ ...ref, source: { kind: 'image', image: 'registry.example.com/web:1' } })
    const row = await waitFor('the sentence', async () => {
      const { health } = (await platform.database.db.client.app.findFirst({
        where: { slug: 'web', environment: { namespace: name } },
      })) ?? { health: null }
      return JSON.stringify(health).includes('NamespaceTaken') && JSON.stringify(health)
    })
    expect(String(row)).toContain(sentence.replaceAll('"', '\\"'))
    await platform.api().app.delete.mutate({ ...ref, confirm: 'web' })
    await platform.api().environment.delete.mutate({ ...place(environment), confirm: environment })
    await waitFor('the rows to go', async () => {
      const found = await platform.database.db.client.environment.findFirst({ where: { namespace: name } })
      return found === null
    })
    expect(await labelsOf(name)).toEqual(before)
    expect((await namespace(name))?.metadata.deletionTimestamp).toBeUndefined()
  })

  test('that Slipway made before there were ids is adopted', async () => {
    const name = namespaceOf('old')
    await makeNamespace(name, { 'app.kubernetes.io/managed-by': 'slipway' })
    await platform.api().environment.create.mutate({ ...place('old'), kind: 'staging' })
    await waitFor('the label', async () => (await labelsOf(name))['slipway.dev/installation'] === 'green')
  })
})

describe('drift of what guards an environment is corrected', () => {
  const name = namespaceOf('production')

  test('a NetworkPolicy that is deleted comes back', async () => {
    const policy = { ...NetworkPolicies, namespace: name, name: 'default-deny-ingress' }
    await waitFor('the policy', async () => (await cluster.get(policy)) !== null)
    await cluster.delete(policy)
    await waitFor('another one', async () => (await cluster.get(policy)) !== null)
  })

  test('a ResourceQuota that is widened is set right', async () => {
    const quota = { ...ResourceQuotas, namespace: name, name: 'slipway' }
    const hard = async () => JSON.stringify(Reflect.get((await cluster.get<KubeObject>(quota)) ?? {}, 'spec'))
    await platform.api().quota.set.mutate({ team: 'acme', limits: { cpuMillis: 4000, memoryMiB: 4096, instances: 7 } })
    await waitFor('the limit', async () => (await hard())?.includes('"7"'))
    const spec = { hard: { pods: '700' } }
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'slipway', namespace: name },
      spec,
    } as never)
    await waitFor('the limit again', async () => (await hard())?.includes('"7"'))
  })

  test('a weaker Pod Security level is set right', async () => {
    const level = 'pod-security.kubernetes.io/enforce'
    await makeNamespace(name, { ...(await labelsOf(name)), [level]: 'privileged' })
    await waitFor('the level', async () => (await labelsOf(name))[level] === 'baseline')
  })
})
