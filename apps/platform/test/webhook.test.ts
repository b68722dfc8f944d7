import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'
import { startRepositoryServer } from './repository-server.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
let host: Awaited<ReturnType<typeof startRepositoryServer>>
const TOKEN = 'token of the git host'

/** A push payload as GitHub publishes it. */
const example = z
  .array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }))
  .parse(createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json'))
  .find(({ name }) => name === 'push')?.examples[0]

beforeAll(async () => {
  platform = await startTestPlatform()
  tree = await createWorkTree(GREETER)
  host = await startRepositoryServer(dirname(tree.directory), TOKEN)
})
afterAll(async () => {
  await host?.stop()
  await tree?.remove()
  await platform?.stop()
})

const refOf = (app: string) => ({ ...platform.environment, app })

async function connected(app: string, gitHost: 'github' | 'gitlab' | 'gitea', accessToken: string | undefined) {
  await platform.api().app.create.mutate({ ...platform.environment, app, source: { kind: 'git' } })
  const repositoryUrl = `${host.url}/${tree.directory.split('/').at(-1)}/.git`
  const view = await platform
    .api()
    .source.connect.mutate({ ...refOf(app), host: gitHost, repositoryUrl, branch: 'main', accessToken })
  return { url: platform.url + new URL(view.url).pathname, secret: view.secret }
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  await answer.text()
  return answer.status
}

function github(secret: string, commit: string, id = randomUUID()): [Record<string, string>, string] {
  const body = JSON.stringify({ ...example, ref: 'refs/heads/main', after: commit, deleted: false })
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  return [{ 'x-github-event': 'push', 'x-github-delivery': id, 'x-hub-signature-256': signature }, body]
}

const delivered = (app: string, deliveryId: string) =>
  waitFor(`delivery ${deliveryId} to end`, async () => {
    const { items } = await platform.api().delivery.list.query(refOf(app))
    const found = items.find((each) => each.deliveryId === deliveryId)
    return found && found.status !== 'accepted' && found
  })

describe('a push event of a git host', () => {
  test('becomes one build of that commit and one release, however often it comes', async () => {
    const hook = await connected('hooked', 'github', TOKEN)
    const commit = (await tree.git('rev-parse', 'HEAD')).output.trim()
    const id = randomUUID()
    const [headers, body] = github(hook.secret, commit, id)
    const statuses = await Promise.all(Array.from({ length: 4 }, () => post(hook.url, headers, body)))
    expect(statuses.sort()).toEqual([200, 200, 200, 202])
    const delivery = await delivered('hooked', id)
    expect(delivery).toMatchObject({ status: 'built', commit, build: 1, release: 1 })
    expect(await post(hook.url, headers, body)).toBe(200)
    const builds = await platform.api().build.list.query(refOf('hooked'))
    expect(builds.items).toMatchObject([{ number: 1, commit, trigger: 'webhook', status: 'succeeded' }])
    expect((await platform.api().release.list.query(refOf('hooked'))).items).toHaveLength(1)
    await waitFor(
      'the app to answer',
      async () => (await platform.fetchApp('hooked.shop-production.localhost')).status === 200,
    )
  })

  test('an older commit than the branch head is built as it was', async () => {
    const hook = await connected('older', 'gitea', TOKEN)
    const old = (await tree.git('rev-parse', 'HEAD')).output.trim()
    await tree.commit('Newer', { 'new.txt': 'newer' })
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      after: old,
      commits: [{ id: old, message: 'Old' }],
      pusher: { login: 'ada' },
    })
    const headers = {
      'x-gitea-event': 'push',
      'x-gitea-delivery': 'older',
      'x-gitea-signature': createHmac('sha256', hook.secret).update(body).digest('hex'),
    }
    expect(await post(hook.url, headers, body)).toBe(202)
    expect(await delivered('older', 'older')).toMatchObject({ status: 'built', commit: old })
  })

  test('a repository is asked before it is connected: its address, its rights, its branch', async () => {
    await platform.api().app.create.mutate({ ...platform.environment, app: 'asked', source: { kind: 'git' } })
    const repositoryUrl = `${host.url}/${tree.directory.split('/').at(-1)}/.git`
    const connect = (changes: object) =>
      platform.api().source.connect.mutate({
        ...refOf('asked'), host: 'github', repositoryUrl, branch: 'main', accessToken: TOKEN, ...changes,
      }) // biome-ignore format: one input
    await expect(connect({ accessToken: undefined })).rejects.toThrow('denied access')
    await expect(connect({ branch: 'trunk' })).rejects.toThrow('has no branch trunk. It has: main')
    await expect(connect({ repositoryUrl: `${host.url}/nothing.git` })).rejects.toThrow('There is no repository')
    await expect(connect({ repositoryUrl: 'http://127.0.0.1:1/a.git' })).rejects.toThrow('could not be fetched')
    expect(await platform.api().webhook.get.query(refOf('asked'))).toBeNull()
    await connect({})
  })

  test('a private repository without a token, and a commit that is not there, fail in words', async () => {
    const closed = await connected('closed', 'gitlab', TOKEN)
    await platform.database.db.client.gitSource.updateMany({
      where: { app: { slug: 'closed' } },
      data: { accessTokenCiphertext: null },
    })
    const body = JSON.stringify({ ref: 'refs/heads/main', after: 'd'.repeat(40), user_name: 'Ada' })
    const headers = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': closed.secret, 'idempotency-key': 'closed' }
    expect(await post(closed.url, headers, body)).toBe(202)
    const refused = await delivered('closed', 'closed')
    expect(refused.reason).toContain('denied access')
    // It is a build of its own, with its log.
    expect(refused.build).toBe(1)

    const missing = await connected('missing', 'github', TOKEN)
    const id = randomUUID()
    expect(await post(missing.url, ...github(missing.secret, 'd'.repeat(40), id))).toBe(202)
    const delivery = await delivered('missing', id)
    expect(delivery.status).toBe('failed')
    expect(delivery.reason).toContain(`no commit ${'d'.repeat(7)} on main`)
    expect(delivery.reason).not.toContain(TOKEN)
  })

  test('a failing build fails its delivery with the reason', async () => {
    const commit = await tree.commit('Nothing to build', { 'package.json': '{ not json' })
    const hook = await connected('failing', 'github', TOKEN)
    const id = randomUUID()
    expect(await post(hook.url, ...github(hook.secret, commit, id))).toBe(202)
    const delivery = await delivered('failing', id)
    expect(delivery).toMatchObject({ status: 'failed', build: 1, release: null })
    expect(delivery.reason).toContain('Build 1 failed.')
  })
})
