import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
const source = () => ({ ...platform.environment, app: 'greeter' })
const target = () => ({ ...source(), environment: 'staging' })
const promotion = () => ({ ...source(), release: 1, to: 'staging' })

beforeAll(async () => {
  platform = await startTestPlatform()
  const { environment: _, ...project } = platform.environment
  await platform.api().environment.create.mutate({ ...project, environment: 'staging', kind: 'staging' })
  await platform.api().app.create.mutate({ ...source(), source: { kind: 'git' }, settings: { startTimeout: 150 } })
  tree = await createWorkTree(GREETER)
  expect(await tree.git('push', platform.gitUrl('greeter'), 'main')).toMatchObject({ exitCode: 0 })
  await platform.api().app.scale.mutate({ ...source(), processes: [{ name: 'web', memoryMiB: 320 }] })
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

const serving = (release: number) =>
  waitFor(`v${release} to serve in staging`, async () => {
    const app = await platform.api().app.get.query(target())
    if (app.servingRelease === release && app.health.status === 'Healthy') return app
    throw new Error(`${app.servingRelease}: ${app.health.message}`)
  })

test('a missing sibling is created only where that is asked for, and then runs the same image without a build', async () => {
  await platform.api().config.update.mutate({ ...source(), set: { GREETING: 'Ada' }, unset: [] })
  await waitFor(
    'v2 to be live',
    async () => (await platform.api().release.get.query({ ...source(), release: 2 })).liveAt !== null,
  )
  const plan = await platform.api().release.planPromotion.query({ ...promotion(), release: 2 })
  expect(plan).toMatchObject({
    target: target(),
    exists: false,
    current: null,
    missingConfig: ['GREETING'],
    refusal: null,
  })
  const limits = { cpuMillis: null, memoryMiB: 400, instances: null }
  await platform.api().admin.setQuota.mutate({ team: 'acme', limits })
  expect((await platform.api().release.planPromotion.query(promotion())).refusal).toMatch(/MiB/)
  await platform.api().admin.setQuota.mutate({ team: 'acme', limits: { ...limits, memoryMiB: null } })
  const { environments } = await platform.api().project.get.query(source())
  expect(environments.find(({ environment }) => environment === 'staging')?.apps).toEqual([])
  await expect(platform.api().release.promote.mutate(promotion())).rejects.toMatchObject({
    data: { appCode: 'not_found' },
  })
  const made = await platform.api().release.promoteToNew.mutate(promotion())
  expect(made.app).toEqual(target())
  const first = await platform.api().release.get.query({ ...source(), release: 1 })
  expect(made.release).toMatchObject({
    ...{ number: 1, kind: 'promotion', description: 'Promote v1 of production', image: first.image, build: null },
    ...{ commit: first.commit, promotedFrom: { environment: 'production', release: 1 } },
  })
  const app = await serving(1)
  expect(app.processes).toMatchObject([{ name: 'web', memoryMiB: 320 }])
  expect(app.settings.startTimeout).toBe(150)
  expect(app.recentBuilds).toEqual([])
  const host = 'greeter.shop-staging.localhost'
  await waitFor('its own greeting', async () => (await platform.fetchApp(host)).body.includes('hello nobody'))
})

test('a sibling that is there keeps its config and its origin, and commits are compared across both', async () => {
  await platform.api().config.update.mutate({ ...target(), set: { GREETING: 'Grace' }, unset: [] })
  expect(await platform.api().release.get.query({ ...target(), release: 2 })).toMatchObject({
    kind: 'config',
    promotedFrom: { environment: 'production', release: 1 },
  })
  await tree.commit('Another version', { 'notes.txt': 'more' })
  expect(await tree.git('push', platform.gitUrl('greeter'), 'main')).toMatchObject({ exitCode: 0 })
  const next = { ...promotion(), release: 3 }
  await waitFor(
    'v3 to be live',
    async () => (await platform.api().release.get.query({ ...source(), release: 3 })).liveAt !== null,
  )
  const plan = await platform.api().release.planPromotion.query(next)
  expect(plan).toMatchObject({ exists: true, current: 2, missingConfig: [] })
  expect(plan.commits).toMatchObject({ added: [{ subject: 'Another version' }], removed: [] })
  await platform.api().release.promote.mutate(next)
  await serving(3)
  const body = async () => (await platform.fetchApp('greeter.shop-staging.localhost')).body
  await waitFor('its own greeting', async () => (await body()).includes('hello Grace'))
  const diff = await platform.api().release.diff.query({ ...target(), from: 2, to: 3 })
  expect(diff.commits.added).toMatchObject([{ subject: 'Another version' }])
  const { items } = await platform.api().audit.list.query({ team: 'acme', limit: 1 })
  expect(items).toMatchObject([{ action: 'release.promote', subject: 'acme/shop/staging/greeter' }])
})

test('what was never live, its own environment and an unknown one are refused in words', async () => {
  const image = { ...platform.environment, app: 'image' }
  await platform.api().app.create.mutate({ ...image, source: { kind: 'image', image: 'nginx:1' } })
  const refused = (input: { release: number; to: string }) =>
    platform
      .api()
      .release.promoteToNew.mutate({ ...image, ...input })
      .catch((error: Error) => error.message)
  expect(await refused({ release: 1, to: 'staging' })).toContain('was never live')
  const own = platform.api().release.promote.mutate({ ...promotion(), to: 'production' })
  await expect(own).rejects.toMatchObject({ data: { appCode: 'conflict' } })
  const unknown = platform.api().release.promote.mutate({ ...promotion(), to: 'nowhere' })
  await expect(unknown).rejects.toMatchObject({ data: { appCode: 'not_found' } })
})
