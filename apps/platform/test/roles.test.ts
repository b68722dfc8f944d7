import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ChildPlatform } from '../src/testing/child.ts'
import { createApiClient } from '../src/testing/client.ts'
import { noteFigure, since } from '../src/testing/figure.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER, slowToBuild } from './apps.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/** One process with all roles, and one without the repositories, on one database and one cluster. */
let all: TestPlatform
let other: ChildPlatform
const trees: WorkTree[] = []
beforeAll(async () => {
  all = await startTestPlatform({ childProcess: true })
  await startOther()
})
afterAll(async () => {
  for (const tree of trees) await tree.remove()
  await other?.close()
  await all?.stop()
})

async function startOther(): Promise<void> {
  const { url: gitUrl } = all
  other = await all.another({ roles: ['web', 'reconcile'], gitUrl, internalUrl: gitUrl, stateDir: null })
}

async function newApp(app: string, files: Readonly<Record<string, string>>): Promise<WorkTree> {
  await all.api().app.create.mutate({ ...all.environment, app, source: { kind: 'git' } })
  const tree = await createWorkTree(files)
  trees.push(tree)
  return tree
}

const refOf = (app: string) => ({ ...all.environment, app })
const throughOther = (app: string) => all.gitUrl(app).replace(new URL(all.url).host, new URL(other.url).host)
const apiOfOther = () => createApiClient(other.url, all.account.token)
const buildOf = (app: string) => all.database.db.client.build.findFirst({ where: { app: { slug: app } } })
const printed = async (app: string, text: string) => {
  const build = await buildOf(app)
  const chunks = await all.database.db.client.buildLogChunk.findMany({ where: { buildId: build?.id ?? '' } })
  return build !== null && chunks.some((chunk) => chunk.text.includes(text))
}
const answers = (app: string) =>
  waitFor(`${app} to answer`, async () => (await all.fetchApp(`${app}.shop-production.localhost`)).status === 200)

describe('two platforms on one database', () => {
  test('a push through the one without repositories ends with the address', async () => {
    const tree = await newApp('through', GREETER)
    const { exitCode, output } = await tree.git('push', throughOther('through'), 'main')
    expect(output).toContain('deployed to Slipway (v1)')
    expect(exitCode).toBe(0)
    expect((await tree.git('ls-remote', throughOther('through'))).output).toContain('refs/heads/main')
  })

  test('kill -9 of the one beside it does not touch a push that is under way', async () => {
    const tree = await newApp('beside', slowToBuild(5))
    const push = tree.git('push', all.gitUrl('beside'), 'main')
    await waitFor('the build to print', () => printed('beside', 'tick 5'))
    await other.kill()
    const { exitCode, output } = await push
    expect(output).toContain('deployed to Slipway (v1)')
    expect(exitCode).toBe(0)
    await startOther()
  })

  test('kill -9 of the one with the repositories: its build ends, is released and serves; pushes wait for it', async (context) => {
    const tree = await newApp('survives', slowToBuild(8))
    const push = tree.git('push', all.gitUrl('survives'), 'main')
    await waitFor('the build to print', () => printed('survives', 'tick 5'))
    const killedAt = performance.now()
    await all.kill()
    all.askForTokensAt(other.url)
    expect((await push).exitCode).not.toBe(0)
    const next = tree.git('push', throughOther('survives'), 'main')
    expect((await next).output).toContain('The repositories are not reachable')
    await waitFor('the build to end', async () => (await buildOf('survives'))?.status === 'succeeded')
    await answers('survives')
    noteFigure(context, `a build of 8 s served ${since(killedAt)} after the kill`)
    const view = await apiOfOther().build.get.query({ ...refOf('survives'), build: 1 })
    expect(view).toMatchObject({ status: 'succeeded', release: 1 })
    expect(await printed('survives', 'tick 80')).toBe(true)
    await all.start()
    const again = await tree.git('push', all.gitUrl('survives'), 'main')
    expect(again.exitCode).toBe(0)
    expect(again.output).toMatch(/Everything up-to-date|deployed to Slipway \(v1\)/)
  })
})
