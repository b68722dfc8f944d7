import { connectCluster, Deployments, Jobs, type KubeObject } from '@slipway/kube'
import { releaseJobName } from '@slipway/manifests'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKeptLogs } from '../src/live/kept-logs.ts'
import { createWorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

/** Prints what it is, as many ticks as it is told, and fails where it is told to. */
const MIGRATES = {
  ...GREETER,
  Procfile: 'web: node server.js\nrelease: node migrate.js',
  'migrate.js': `
const { SLIPWAY_RELEASE, GREETING, FAIL, TICKS } = process.env
console.log('migrating for ' + SLIPWAY_RELEASE + ', greeting ' + GREETING)
if (FAIL) { console.error('Error: DATABASE_URL is not set'); process.exit(1) }
let tick = 0
const timer = setInterval(() => {
  if (++tick > Number(TICKS || 0)) clearInterval(timer)
  else console.log('tick ' + tick)
}, 100)
`,
}

let platform: TestPlatform
const app = 'shop'
const ref = () => ({ ...platform.environment, app })
const releaseOf = (release: number) => platform.api().release.get.query({ ...ref(), release })
const view = () => platform.api().app.get.query(ref())
const set = (values: Record<string, string>, unset: string[] = []) =>
  platform.api().config.update.mutate({ ...ref(), set: values, unset })
const body = async () => (await platform.fetchApp(`${app}.shop-production.localhost`)).body
const status = (release: number, wanted: string) =>
  waitFor(`v${release} to be ${wanted}`, async () => (await releaseOf(release)).status === wanted)
const commandIs = (release: number, wanted: string) =>
  waitFor(
    `the command of v${release} to be ${wanted}`,
    async () => (await releaseOf(release)).command?.status === wanted,
  )

async function logOf(releaseNumber: number): Promise<string[]> {
  const { db } = platform.database
  const run = await db.client.run.findFirstOrThrow({ where: { app: { slug: app }, kind: 'release', releaseNumber } })
  return createKeptLogs(db, 'run').tail(run.id, 1000)
}

async function inCluster<T>(work: (cluster: Awaited<ReturnType<typeof connectCluster>>) => Promise<T>): Promise<T> {
  const cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  try {
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}
const jobNames = () =>
  inCluster(async (cluster) =>
    (await cluster.list(Jobs, { labelSelector: `slipway.dev/run-of=${app}` })).items.map(
      ({ metadata }) => metadata.name,
    ),
  )
const deployedReleases = () =>
  inCluster(async (cluster) =>
    (await cluster.list(Deployments, { labelSelector: `slipway.dev/app=${app}` })).items.map(
      ({ metadata }) => metadata.labels?.['slipway.dev/release'],
    ),
  )

beforeAll(async () => {
  platform = await startTestPlatform({ childProcess: true })
  await platform.api().app.create.mutate({ ...ref(), source: { kind: 'git' } })
})
afterAll(() => platform?.stop())

test('the command runs before anything of the release is deployed; the push shows its output', async () => {
  await set({ GREETING: 'one', TICKS: '20' })
  const tree = await createWorkTree(MIGRATES)
  const pushing = tree.git('push', platform.gitUrl(app), 'main')
  await waitFor('the release', async () => (await view()).currentRelease === 1)
  await commandIs(1, 'running')
  expect(await deployedReleases()).toEqual([])
  expect((await view()).health).toMatchObject({ status: 'Progressing', message: 'Running the release command of v1.' })
  const push = await pushing
  await tree.remove()
  expect([push.exitCode, push.output]).toEqual([0, expect.stringContaining('deployed to Slipway (v1)')])
  expect(push.output).toMatch(/Running the release command of v1[\s\S]*migrating for v1, greeting one[\s\S]*tick 20/)
  expect(await releaseOf(1)).toMatchObject({ status: 'live', command: { status: 'succeeded', exitCode: 0 } })
  expect((await view()).processes.map(({ name, kind, instances }) => [name, kind, instances])).toEqual([
    ['web', 'web', 1],
    ['release', 'release', 0],
  ])
  // Its end was written down and its output kept, so nothing of it stays in the cluster.
  await waitFor('its Job to be gone', async () => (await jobNames()).length === 0)
  expect(await logOf(1)).toContain('tick 20')
})

test('one that fails keeps the release from being deployed; the old one serves on, and says why', async () => {
  await set({ GREETING: 'two', FAIL: 'yes' }, ['TICKS'])
  await status(2, 'failed')
  expect(await releaseOf(2)).toMatchObject({
    message: 'It was not deployed: its release command exited with code 1.',
    liveAt: null,
    command: { status: 'failed', exitCode: 1, failure: null },
  })
  const seen = await view()
  expect(seen).toMatchObject({
    currentRelease: 2,
    servingRelease: 1,
    health: {
      status: 'Degraded',
      state: 'release_failed',
      message: 'v2 was not deployed: its release command exited with code 1. v1 still serves.',
    },
    why: {
      logTail: ['migrating for v2, greeting two', 'Error: DATABASE_URL is not set'],
      repairs: [
        { kind: 'roll_back', release: 1 },
        { kind: 'set_variable', name: 'DATABASE_URL' },
        { kind: 'open_release_log', release: 2 },
      ],
    },
  })
  expect([await body(), await deployedReleases()]).toEqual(['hello one', ['1']])
  // What is deployed is scaled meanwhile.
  await platform.api().app.scale.mutate({ ...ref(), processes: [{ name: 'web', instances: 2 }] })
  await waitFor('two instances', async () => (await view()).processes[0]?.ready === 2)
  await expect(
    platform.api().app.scale.mutate({ ...ref(), processes: [{ name: 'release', instances: 1 }] }),
  ).rejects.toThrow(/not scaled/)
  await set({}, ['FAIL'])
  await status(3, 'live')
  await waitFor('the new greeting', async () => (await body()) === 'hello two')
})

test('cancelling ends the command, and goes back to what is live', async () => {
  await set({ TICKS: '6000' })
  await commandIs(4, 'running')
  await waitFor('some output', async () => (await logOf(4)).includes('tick 3'))
  await platform.api().release.cancel.mutate({ ...ref(), release: 4 })
  await commandIs(4, 'stopped')
  await waitFor('its Job to be gone', async () => (await jobNames()).length === 0)
  expect([(await releaseOf(4)).status, (await view()).currentRelease]).toEqual(['cancelled', 3])
  await waitFor('health', async () => (await view()).health.status === 'Healthy')
})

test('a newer release waits for the command of the one that it replaces', async () => {
  await set({ TICKS: '30' })
  await commandIs(5, 'running')
  await set({ TICKS: '1' })
  expect((await releaseOf(6)).command?.status).toBe('waiting')
  await status(6, 'live')
  const [first, second] = [await releaseOf(5), await releaseOf(6)]
  expect([first.status, first.command?.status]).toEqual(['superseded', 'succeeded'])
  expect(Date.parse(second.command?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(first.command?.endedAt ?? ''))
  expect(await logOf(5)).toContain('tick 30')
})

test('a rollback runs it again', async () => {
  await platform.api().release.rollback.mutate({ ...ref(), release: 1 })
  await status(7, 'live')
  expect(await logOf(7)).toContain('migrating for v7, greeting one')
  expect((await logOf(1)).filter((line) => line.startsWith('migrating'))).toHaveLength(1)
})

test('it goes on while the platform is killed, runs once, and its output is whole', async () => {
  await set({ TICKS: '60' })
  await waitFor('some output', async () => (await releaseOf(8)).command !== null && (await logOf(8)).includes('tick 5'))
  await platform.kill()
  await platform.start()
  await status(8, 'live')
  expect(await logOf(8)).toEqual([
    'migrating for v8, greeting one',
    ...Array.from({ length: 60 }, (_, n) => `tick ${n + 1}`),
  ])
})

test('a Job that was made before the platform was killed is found again, also where nobody wrote that down', async () => {
  await set({ TICKS: '40' })
  await commandIs(9, 'running')
  await platform.kill()
  const { client } = platform.database.db
  await client.run.updateMany({ where: { kind: 'release', releaseNumber: 9 }, data: { startedAt: null } })
  const name = releaseJobName({ app, release: 9 })
  await waitFor('its Job to have ended', () =>
    inCluster(async (cluster) => {
      const { items } = await cluster.list<KubeObject & { status?: { succeeded?: number } }>(Jobs, {})
      return items.find(({ metadata }) => metadata.name === name)?.status?.succeeded === 1
    }),
  )
  await platform.start()
  await status(9, 'live')
  expect((await logOf(9)).filter((line) => line.startsWith('migrating'))).toHaveLength(1)
})
