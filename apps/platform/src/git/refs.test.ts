import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@slipway/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorkTree, runGit, type WorkTree } from '../testing/git-client.ts'
import { git } from './git.ts'
import { dropAbandonedPushes, pruneOwnRefs, readRef, settleDeployedRef, updateRef } from './refs.ts'
import { buildRef, openRepositories, PUSH_REFS, type Repositories } from './repositories.ts'

let database: TestDatabase
let stateDir = ''
let repositories: Repositories
let tree: WorkTree
let appId = ''
let repository = ''
const commits: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  stateDir = await mkdtemp(join(tmpdir(), 'slipway-refs-'))
  repositories = await openRepositories(stateDir)
  tree = await createWorkTree({ a: 'a' })
  const { client } = database.db
  const team = await client.team.create({ data: { slug: 'acme', name: 'Acme' } })
  const project = await client.project.create({ data: { teamId: team.id, slug: 'shop', name: 'Shop' } })
  const place = { projectId: project.id, slug: 'production', kind: 'production', namespace: 'acme-shop' } as const
  const environment = await client.environment.create({ data: place })
  const app = { environmentId: environment.id, slug: 'web', sourceKind: 'git', hostPrefix: 'web' } as const
  appId = (await client.app.create({ data: app })).id
  repository = await repositories.ensure(appId)
  for (let n = 0; n < 3; n++) commits.push(await tree.commit(`Commit ${n}`, { a: String(n) }))
  await runGit(tree.directory, ['push', '--quiet', repository, 'HEAD:refs/slipway/builds/0'])
})
afterAll(async () => {
  await tree?.remove()
  await database?.stop()
  await rm(stateDir, { recursive: true, force: true })
})

async function build(number: number, commit: string, branch = 'main', trigger: 'push' | 'webhook' = 'push') {
  const data = { appId, number, trigger, commit, branch, message: 'm', by: 'ada', status: 'succeeded' } as const
  await database.db.client.build.create({ data })
}

async function release(number: number, buildNumber: number, isLive: boolean) {
  const made = { kind: 'build', description: '', by: '', image: '', configCiphertext: '' } as const
  const data = {
    ...made,
    processes: [],
    configChanges: [],
    appId,
    number,
    buildNumber,
    liveAt: isLive ? new Date() : null,
  }
  await database.db.client.release.create({ data })
}

const settle = () => settleDeployedRef(database.db, repositories, appId)
const main = () => readRef(repository, 'refs/heads/main')
const deployBranch = (branch: string) =>
  database.db.client.app.update({ where: { id: appId }, data: { deployBranch: branch } })

test('the deployed branch names the newest push that went live, whatever else became of it', async () => {
  await settle()
  expect(await main()).toBeNull()
  await deployBranch('main')
  await build(1, commits[0] ?? '')
  await release(1, 1, false)
  await settle()
  expect(await main()).toBeNull()
  // It comes to live by a change of its config.
  await release(2, 1, true)
  await settle()
  expect(await main()).toBe(commits[0])
  await build(2, commits[1] ?? '')
  await release(3, 2, false)
  await settle()
  expect(await main()).toBe(commits[0])
  await database.db.client.release.updateMany({ where: { number: 3 }, data: { liveAt: new Date() } })
  await settle()
  expect(await main()).toBe(commits[1])
  // A webhook's commit, and one that is not in the repository, leave it alone.
  await build(3, commits[2] ?? '', 'main', 'webhook')
  await release(4, 3, true)
  await settle()
  expect(await main()).toBe(commits[1])
  await build(4, 'e'.repeat(40))
  await release(5, 4, true)
  await settle()
  expect(await main()).toBe(commits[1])
})

test('HEAD follows the deployed branch; another branch begins with its own first push', async () => {
  await deployBranch('trunk')
  await settle()
  expect(await readFile(join(repository, 'HEAD'), 'utf8')).toBe('ref: refs/heads/trunk\n')
  expect(await readRef(repository, 'refs/heads/trunk')).toBeNull()
  await deployBranch('main')
  await settle()
  expect(await readFile(join(repository, 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n')
})

test('commits of old builds are let go, those of builds under way are not; abandoned pushes go', async () => {
  const commit = commits[0] ?? ''
  for (let number = 5; number <= 40; number++) await build(number, commit)
  await database.db.client.build.updateMany({ where: { number: 5 }, data: { status: 'running' } })
  for (let number = 5; number <= 40; number++) await updateRef(repository, buildRef(number), commit)
  await pruneOwnRefs(database.db, repository, appId)
  const kept = await git(['-C', repository, 'for-each-ref', '--format=%(refname)', 'refs/slipway/builds/'])
  const numbers = kept
    .trim()
    .split('\n')
    .map((ref) => Number(ref.split('/').at(-1)))
  expect(numbers.sort((a, b) => a - b)).toEqual([5, ...Array.from({ length: 20 }, (_, n) => n + 21)])
  await updateRef(repository, `${PUSH_REFS}abandoned`, commit)
  await dropAbandonedPushes(repository)
  expect(await readRef(repository, `${PUSH_REFS}abandoned`)).toBeNull()
})
