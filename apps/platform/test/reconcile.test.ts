import { type Cluster, connectCluster, Deployments, Namespaces, ResourceQuotas, Secrets, Services } from '@slipway/kube'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER, slowToBuild } from './apps.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let cluster: Cluster
let tree: WorkTree
const namespace = 'slipway-acme-shop-production'
const app = 'steady'
const host = `${app}.shop-production.localhost`

beforeAll(async () => {
  platform = await startTestPlatform({ settings: { buildTimeoutMs: 15_000, buildConcurrency: 1 } })
  cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  tree = await createWorkTree(GREETER)
  await platform.api().app.create.mutate({ ...platform.environment, app, source: { kind: 'git' } })
  const { exitCode, output } = await tree.git('push', platform.gitUrl(app), 'main')
  if (exitCode !== 0) throw new Error(output)
  await waitFor('the app to be healthy', async () => (await view()).health.status === 'Healthy')
})
afterAll(async () => {
  await tree?.remove()
  await cluster?.close()
  await platform?.stop()
})

const ref = () => ({ ...platform.environment, app })
const view = () => platform.api().app.get.query(ref())
const named = (kind: { apiVersion: string; kind: string }, name: string) => ({ ...kind, namespace, name })

describe('what somebody else does to the cluster', () => {
  test('a deleted Deployment comes back', async () => {
    const deployment = named(Deployments, `${app}-web`)
    const before = await cluster.get(deployment)
    await cluster.delete(deployment)
    await waitFor('another Deployment', async () => {
      const now = await cluster.get(deployment)
      return now !== null && now.metadata.uid !== before?.metadata.uid
    })
    await waitFor('the app to answer', async () => (await platform.fetchApp(host)).status === 200)
  })

  test('a changed Service is set right', async () => {
    const service = named(Services, `${app}-web`)
    const serviceSchema = z.object({ spec: z.object({ selector: z.record(z.string(), z.string()) }) })
    const right = serviceSchema.parse(await cluster.get(service)).spec.selector
    const key = Object.keys(right)[0] ?? ''
    await cluster.apply({
      apiVersion: 'v1', kind: 'Service', metadata: { name: `${app}-web`, namespace }, spec: { selector: { ...right, [key]: 'wrong' }, ports: [{ port: 80 }] },
    } as never) // biome-ignore format: one object
    await waitFor(
      'the selector',
      async () => serviceSchema.parse(await cluster.get(service)).spec.selector[key] === right[key],
    )
  })
})

describe('Secrets', () => {
  test('of releases that no longer run are taken away, and a rollback makes its own', async () => {
    for (const GREETING of ['one', 'two', 'three']) {
      await platform.api().config.update.mutate({ ...ref(), set: { GREETING }, unset: [] })
      await waitFor(`"${GREETING}"`, async () => (await platform.fetchApp(host)).body.includes(GREETING))
    }
    const secrets = async () =>
      (await cluster.list(Secrets, { namespace, labelSelector: `slipway.dev/app=${app}` })).items.map(
        ({ metadata }) => metadata.name,
      )
    await waitFor('the old Secrets to go', async () => (await secrets()).join() === `${app}-v4`)
    await platform.api().release.rollback.mutate({ ...ref(), release: 2 })
    await waitFor('"one"', async () => (await platform.fetchApp(host)).body.includes('one'))
    expect(await secrets()).toContain(`${app}-v5`)
  })
})

describe('builds', () => {
  test('that take too long are stopped, and say so', async () => {
    const slow = await createWorkTree(slowToBuild(60))
    await platform.api().app.create.mutate({ ...platform.environment, app: 'slow', source: { kind: 'git' } })
    const { exitCode, output } = await slow.git('push', platform.gitUrl('slow'), 'main')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('It was stopped at the time limit of 15 seconds.')
    expect((await platform.api().build.get.query({ ...ref(), app: 'slow', build: 1 })).status).toBe('timed_out')
    await slow.remove()
  })

  test('wait for each other beyond the limit', async () => {
    const first = await createWorkTree(slowToBuild(2))
    const second = await createWorkTree(GREETER)
    for (const name of ['one', 'two'])
      await platform.api().app.create.mutate({ ...platform.environment, app: name, source: { kind: 'git' } })
    const pushes = [first.git('push', platform.gitUrl('one'), 'main')]
    await waitFor('the first to run', async () => {
      const { items } = await platform.api().build.list.query({ ...ref(), app: 'one' })
      return items[0]?.status === 'running'
    })
    pushes.push(second.git('push', platform.gitUrl('two'), 'main'))
    let most = 0
    const results = Promise.all(pushes)
    let over = false
    void results.then(() => {
      over = true
    })
    await waitFor('both', async () => {
      most = Math.max(most, await platform.database.db.client.build.count({ where: { status: 'running' } }))
      return over
    })
    for (const { exitCode, output } of await results) expect(exitCode, output).toBe(0)
    expect((await results)[1]?.output).toContain('Waiting for other builds to end')
    expect(most).toBe(1)
    await first.remove()
    await second.remove()
  })
})

test('an allocation stands in the cluster as a ResourceQuota, and the team’s quota where there is none', async () => {
  const quotaSchema = z.object({ spec: z.object({ hard: z.record(z.string(), z.string()).optional() }) })
  const hard = async () => quotaSchema.parse(await cluster.get(named(ResourceQuotas, 'slipway'))).spec.hard ?? {}
  expect(await hard()).toEqual({})
  await platform.api().quota.set.mutate({ team: 'acme', limits: { cpuMillis: 8000, memoryMiB: null, instances: 40 } })
  await waitFor('the team’s quota', async () => (await hard()).pods === '40')
  await platform.api().quota.allocate.mutate({
    ...platform.environment,
    limits: { cpuMillis: 6000, memoryMiB: 8192, instances: 20 },
  })
  await waitFor('the allocation', async () => (await hard()).pods === '20')
})

test('a deleted project takes its apps, namespaces and rows with it', async () => {
  await platform.api().project.delete.mutate({ team: 'acme', project: 'shop', confirm: 'shop' })
  await waitFor('the rows to go', async () => {
    const { app: apps, environment, project } = platform.database.db.client
    return (await apps.count()) + (await environment.count()) + (await project.count()) === 0
  })
  const { items } = await cluster.list(Namespaces, { labelSelector: 'slipway.dev/team=acme' })
  expect(items).toEqual([])
})
