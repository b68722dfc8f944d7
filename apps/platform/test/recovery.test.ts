import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createKeptLogs } from '../src/live/kept-logs.ts'
import { noteFigure, since } from '../src/testing/figure.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER, slowToBuild } from './apps.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
const trees: WorkTree[] = []
beforeAll(async () => {
  platform = await startTestPlatform({ childProcess: true })
})
afterAll(async () => {
  for (const tree of trees) await tree.remove()
  await platform?.stop()
})

const refOf = (app: string) => ({ ...platform.environment, app })
const answers = (app: string, words: string) =>
  waitFor(`${app} to answer "${words}"`, async () => {
    const { status, body } = await platform.fetchApp(`${app}.shop-production.localhost`)
    return status === 200 && body.includes(words)
  })

describe('kill -9 of the platform', () => {
  test('in mid-build: the build goes on, its log is whole, one release is made; a new push picks it up', async (context) => {
    await platform.api().app.create.mutate({ ...platform.environment, app: 'slow', source: { kind: 'git' } })
    const tree = await createWorkTree(slowToBuild(8))
    trees.push(tree)
    const push = tree.git('push', platform.gitUrl('slow'), 'main')
    await waitFor('the build to print', async () => {
      const row = await platform.database.db.client.build.findFirst({ where: { status: 'running' } })
      return row !== null && (await buildLog(row.id)).some((line) => line.includes('tick 5'))
    })
    await platform.kill()
    const cut = await push
    // git calls that a failure; what goes on was said before.
    expect([cut.exitCode === 0, cut.output]).toEqual([false, expect.stringContaining('build and deploy go on')])
    const startedAt = performance.now()
    await platform.start()
    const backAfter = since(startedAt)

    const again = await tree.git('push', platform.gitUrl('slow'), 'main')
    expect(again.output).toContain('deployed to Slipway (v1)')
    expect(again.exitCode).toBe(0)
    const { items } = await platform.api().build.list.query(refOf('slow'))
    expect(items).toMatchObject([{ number: 1, status: 'succeeded', release: 1 }])
    const row = await platform.database.db.client.build.findFirstOrThrow({ where: { app: { slug: 'slow' } } })
    const ticks = (await buildLog(row.id)).flatMap((line) => /tick (\d+)/.exec(line)?.[1] ?? [])
    expect(ticks).toEqual(Array.from({ length: 80 }, (_, n) => String(n + 1)))
    await answers('slow', 'hello')
    noteFigure(context, `API back ${backAfter} after its start, builds and releases lost or twice: 0`)
  })

  test('in mid-deploy: the release comes to be live, nothing twice', async (context) => {
    await platform.api().app.create.mutate({ ...platform.environment, app: 'deploy', source: { kind: 'git' } })
    const tree = await createWorkTree(GREETER)
    trees.push(tree)
    expect((await tree.git('push', platform.gitUrl('deploy'), 'main')).exitCode).toBe(0)
    await answers('deploy', 'hello nobody')
    await platform.api().config.update.mutate({ ...refOf('deploy'), set: { GREETING: 'again' }, unset: [] })
    const killedAt = performance.now()
    await platform.kill()
    await platform.start()
    await answers('deploy', 'hello again')
    noteFigure(context, `the new release served ${since(killedAt)} after the kill`)
    await waitFor('v2 to be live', async () => {
      const { status } = await platform.api().release.get.query({ ...refOf('deploy'), release: 2 })
      return status === 'live'
    })
    expect((await platform.api().release.list.query(refOf('deploy'))).items.map(({ number }) => number)).toEqual([2, 1])
  })

  test('in mid-delete: the app goes all the same', async () => {
    await platform.api().app.delete.mutate({ ...refOf('deploy'), confirm: 'deploy' })
    await platform.kill()
    await platform.start()
    await waitFor(
      'the row to be gone',
      async () => (await platform.database.db.client.app.count({ where: { slug: 'deploy' } })) === 0,
    )
  })
})

async function buildLog(id: string): Promise<string[]> {
  return createKeptLogs(platform.database.db, 'build').tail(id, 1000)
}
