import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
const ref = () => ({ ...platform.environment, app: 'greeter' })

/** v1 of the first commit, v2 with config, v3 of two more commits, v4 with other values. */
beforeAll(async () => {
  platform = await startTestPlatform()
  const api = platform.api()
  await api.app.create.mutate({ ...ref(), source: { kind: 'git' } })
  tree = await createWorkTree(GREETER)
  const push = async () =>
    expect(await tree.git('push', platform.gitUrl('greeter'), 'main')).toMatchObject({ exitCode: 0 })
  await push()
  await api.config.update.mutate({ ...ref(), set: { GREETING: 'Ada', TOKEN: 'hush-hush-1', LEVEL: 'info' } })
  await tree.commit('Say it in another way', { 'notes.txt': 'one' })
  await tree.commit('Say it twice; with $(quotes) "and" more', {
    Procfile: 'web: node server.js\nworker: sleep 1000\n',
  })
  await push()
  await api.config.update.mutate({ ...ref(), set: { TOKEN: 'hush-hush-2' }, unset: ['LEVEL'] })
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

test('commits with their subjects, processes, config by name and length, objects with their values masked', async () => {
  const diff = await platform.api().release.diff.query({ ...ref(), from: 1, to: 4 })
  expect(diff.from.image).not.toBe(diff.to.image)
  expect(diff.commits).toMatchObject({
    added: [
      { subject: 'Say it twice; with $(quotes) "and" more', author: 'Ada', commit: diff.to.commit },
      { subject: 'Say it in another way' },
    ],
    removed: [],
    hasMore: false,
    note: null,
  })
  expect(diff.config).toEqual([
    { key: 'GREETING', change: 'added', beforeLength: null, afterLength: 3 },
    { key: 'TOKEN', change: 'added', beforeLength: null, afterLength: 11 },
  ])
  expect(diff.processes).toMatchObject([{ name: 'worker', change: 'added' }])
  const objects = diff.manifests.objects.map(({ kind, name, change }) => `${change} ${kind} ${name}`)
  expect(objects).toContain('changed Deployment greeter-web')
  expect(objects).toContain('added Deployment greeter-worker')
  expect(objects).toContain('changed Secret greeter-v4')
  expect(JSON.stringify(diff)).not.toMatch(/hush-hush|aHVzaC1odXNo/)
})

test('the other way round the commits are those that are taken back', async () => {
  const { commits, config } = await platform.api().release.diff.query({ ...ref(), from: 4, to: 1 })
  expect(commits.added).toEqual([])
  expect(commits.removed).toHaveLength(2)
  expect(config).toMatchObject([
    { key: 'GREETING', change: 'removed' },
    { key: 'TOKEN', change: 'removed' },
  ])
})

test('a value that changed shows as changed, and in clear to those alone who may reveal it', async () => {
  const between = { ...ref(), from: 3, to: 4 }
  const diff = await platform.api().release.diff.query(between)
  expect(diff.commits).toEqual({ added: [], removed: [], hasMore: false, note: null })
  const secret = diff.manifests.objects.find(({ kind }) => kind === 'Secret')?.diff ?? ''
  expect(secret).toContain('-  TOKEN: •••••• (11 characters, as in v3)')
  expect(secret).toContain('+  TOKEN: •••••• (11 characters, as in v4)')
  expect(secret).not.toContain('GREETING: •••••• (3 characters, as')
  expect(await platform.api().release.revealDiff.query(between)).toEqual([
    { key: 'LEVEL', before: 'info', after: null },
    { key: 'TOKEN', before: 'hush-hush-1', after: 'hush-hush-2' },
  ])
  const { items } = await platform.api().audit.list.query({ team: 'acme', limit: 1 })
  expect(items[0]).toMatchObject({ action: 'config.reveal' })
  expect(items[0]?.summary).toContain('LEVEL, TOKEN')
})

test('a process without the role git asks the one that has it, and says so where nobody answers', async () => {
  const web = await platform.another({ roles: ['web'], stateDir: null, gitUrl: platform.url })
  const deaf = await platform.another({ roles: ['web'], stateDir: null, gitUrl: 'http://127.0.0.1:9' })
  try {
    const at = (origin: string) => ({ url: origin, input: { ...ref(), from: 1, to: 3 } })
    const ask = async ({ url, input }: ReturnType<typeof at>) => {
      const answer = await fetch(`${url}/trpc/release.diff?input=${encodeURIComponent(JSON.stringify(input))}`, {
        headers: { authorization: `Bearer ${platform.account.token}` },
      })
      return ((await answer.json()) as { result: { data: { commits: { added: unknown[]; note: string | null } } } })
        .result.data.commits
    }
    expect((await waitFor('its answer', () => ask(at(web.url)))).added).toHaveLength(2)
    expect((await waitFor('its answer', () => ask(at(deaf.url)))).note).toContain('not reachable')
  } finally {
    await web.close()
    await deaf.close()
  }
  const forged = await fetch(`${platform.url}/internal/history`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
    body: JSON.stringify({ apps: ['00000000-0000-7000-8000-000000000000'], from: 'a'.repeat(40), to: 'b'.repeat(40) }),
  })
  expect(forged.status).toBe(404)
})

test('an unknown release is not found; an image from elsewhere has no commits, and that is said', async () => {
  const unknown = platform.api().release.diff.query({ ...ref(), from: 1, to: 99 })
  await expect(unknown).rejects.toMatchObject({ data: { appCode: 'not_found' } })
  const image = { ...platform.environment, app: 'image' }
  await platform.api().app.create.mutate({ ...image, source: { kind: 'image', image: 'nginx:1' } })
  await platform.api().release.deployImage.mutate({ ...image, image: 'nginx:2' })
  const diff = await platform.api().release.diff.query({ ...image, from: 1, to: 2 })
  expect(diff.commits.note).toContain('the image of v1 and of v2 was not built from a commit here')
  expect(diff.manifests.objects).not.toEqual([])
})
