import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
const app = 'again'
const inFolder = Object.fromEntries(Object.entries(GREETER).map(([name, text]) => [`apps/web/${name}`, text]))

beforeAll(async () => {
  platform = await startTestPlatform()
  tree = await createWorkTree({
    ...inFolder,
    'README.md': 'A monorepo.',
    'apps/web/slipway.yaml': 'build:\n  builder: native\n',
  })
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

test('a build that failed for its settings is deployed again with others, without another push', async () => {
  const ref = { ...platform.environment, app }
  const api = platform.api()
  await api.app.create.mutate({ ...ref, source: { kind: 'git' } })
  const { exitCode } = await tree.git('push', platform.gitUrl(app), 'main')
  expect(exitCode).not.toBe(0)
  const [failed] = (await api.build.list.query(ref)).items
  expect(failed).toMatchObject({ number: 1, status: 'failed', trigger: 'push' })

  await api.app.updateSettings.mutate({ ...ref, settings: { rootDirectory: 'apps/web' } })
  const again = await api.build.start.mutate({ ...ref, build: 1 })
  expect(again).toMatchObject({ number: 2, trigger: 'manual', commit: failed?.commit, branch: 'main' })
  await waitFor('the app to be live', async () => (await api.app.get.query(ref)).health.status === 'Healthy')
  expect(await api.app.get.query(ref)).toMatchObject({
    recentBuilds: [{ number: 2, status: 'succeeded', release: 1 }, { number: 1 }],
    slipwayFile: { build: 2, file: { build: { builder: 'native' } } },
  })
  // What serves is what the deployed branch names, so the next push begins there.
  const remote = await tree.git('ls-remote', platform.gitUrl(app), 'refs/heads/main')
  expect(remote.output).toContain(failed?.commit ?? 'a commit')
})
