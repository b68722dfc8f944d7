import { rm } from 'node:fs/promises'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { completeBuild, endBuild, observeRelease } from '@slipway/db'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createKeptLogs } from '../live/kept-logs.ts'
import { createWorkTree, runGit, type WorkTree } from '../testing/git-client.ts'
import { waitFor } from '../testing/wait.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'

// Pushes wait for causes and limits, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 120_000 })

let platform: LonePlatform
let tree: WorkTree
const environment = { team: 'acme', project: 'shop', environment: 'production' }
const IMAGE = `registry.slipway.internal/acme/shop-web@sha256:${'a'.repeat(64)}`

beforeAll(async () => {
  platform = await startWithoutCluster()
  tree = await createWorkTree({ 'index.html': '<h1>Hello</h1>' })
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

const urlOf = (app: string, token = platform.token) =>
  `${platform.url.replace('://', `://me:${token}@`)}/git/acme/shop/production/${app}.git`

async function newApp(app: string): Promise<void> {
  await platform.api().app.create.mutate({ ...environment, app, source: { kind: 'git' } })
}

/** Waits for the app's newest build and plays the builder: the cluster is away in these tests. */
async function nextBuild(app: string, number: number) {
  return waitFor(`build ${number} of ${app}`, () =>
    platform.database.db.client.build.findFirst({ where: { app: { slug: app }, number } }),
  )
}

async function succeed(app: string, number: number, lines: string[] = []): Promise<void> {
  const build = await nextBuild(app, number)
  const logs = createKeptLogs(platform.database.db, 'build')
  await logs.append(
    build.id,
    lines.map((text) => ({ at: new Date().toISOString(), origin: 'pod', text })),
  )
  const processes = [{ name: 'web', kind: 'web' as const, command: null }]
  await waitFor('the build to take its turn', async () => {
    await completeBuild(platform.database.db, { buildId: build.id, image: IMAGE, processes, now: new Date() })
    return true
  })
}

/** Plays the cluster: what became of the app's release. */
async function observe(app: string, number: number, status: 'live' | 'failed', message: string | null = null) {
  const { id: appId } = await platform.database.db.client.app.findFirstOrThrow({ where: { slug: app } })
  await observeRelease(platform.database.db, { appId, number, status, message, now: new Date() })
}

async function fail(app: string, number: number, failure: string, status: 'failed' | 'cancelled' = 'failed') {
  const build = await nextBuild(app, number)
  await endBuild(platform.database.db, { buildId: build.id, status, failure, now: new Date() })
}

const buildsOf = async (app: string) => (await platform.api().build.list.query({ ...environment, app })).items
const remoteHead = async (app: string, branch = 'main') =>
  (await runGit('/', ['ls-remote', urlOf(app), `refs/heads/${branch}`])).output.split('\t')[0] ?? ''
const localHead = async (of = tree) => (await of.git('rev-parse', 'HEAD')).output.trim()
const count = (text: string, part: string) => text.split(part).length - 1

describe('git push', () => {
  test('streams the build, waits until the release serves, and only then says so', async () => {
    await newApp('web')
    let ended = false
    const push = tree.git('push', urlOf('web'), 'main').finally(() => {
      ended = true
    })
    await succeed('web', 1, ['-----> Static site detected', '       1 file'])
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(ended).toBe(false)
    expect(await remoteHead('web')).toBe('')
    await observe('web', 1, 'live')
    const { exitCode, output } = await push
    expect(output).toContain('remote: -----> Static site detected')
    expect(output).toContain('Released v1')
    expect(output).toMatch(/http:\/\/web\.shop-production\.localhost:\d+ deployed to Slipway/)
    expect(exitCode).toBe(0)
    expect(await remoteHead('web')).toBe(await localHead())
    const release = await platform.api().release.get.query({ ...environment, app: 'web', release: 1 })
    expect(release).toMatchObject({ kind: 'build', image: IMAGE, commit: await localHead(), build: 1 })
  })

  test('the same commit again builds nothing', async () => {
    const { output } = await tree.git('push', urlOf('web'), 'main')
    expect(output).toContain('Everything up-to-date')
    expect(await buildsOf('web')).toHaveLength(1)
  })

  test('a failing build ends with its reason, said once, and the same push builds again', async () => {
    await newApp('broken')
    const push = tree.git('push', urlOf('broken'), 'main')
    await fail('broken', 1, 'pip could not reach the package index.')
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(count(output, 'pip could not reach the package index.')).toBe(1)
    expect(output).toMatch(/\[remote rejected\] main -> main \(build 1 failed\)/)
    expect(output).not.toContain('deployed')
    expect(await remoteHead('broken')).toBe('')
    const again = tree.git('push', urlOf('broken'), 'main')
    await succeed('broken', 2)
    await observe('broken', 1, 'live')
    expect((await again).exitCode).toBe(0)
    expect(await remoteHead('broken')).toBe(await localHead())
  })

  test('a release that does not start ends the push with its cause; pushing again reports it again', async () => {
    await newApp('crash')
    const push = tree.git('push', urlOf('crash'), 'main')
    await succeed('crash', 1)
    await observe('crash', 1, 'failed', 'The process exited with code 1.')
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(count(output, 'The process exited with code 1.')).toBe(1)
    expect(output).toContain('(v1 did not start)')
    expect(output).not.toContain('deployed')
    const again = await tree.git('push', urlOf('crash'), 'main')
    expect(again.exitCode).not.toBe(0)
    expect(again.output).toContain('This commit is already running (build 1)')
    expect(again.output).toContain('The process exited with code 1.')
    await observe('crash', 1, 'live')
    expect((await tree.git('push', urlOf('crash'), 'main')).exitCode).toBe(0)
    expect(await buildsOf('crash')).toHaveLength(1)
  })

  test('a process that does not listen yet is waited for', async () => {
    await newApp('late')
    const push = tree.git('push', urlOf('late'), 'main')
    await succeed('late', 1)
    const message = 'Rolling out v1: 0 of 1 instance ready. Starting: not listening on PORT yet, 40 s of 120 s.'
    const health = { status: 'Progressing', reason: 'Starting', message, action: null }
    const { client } = platform.database.db
    const app = await client.app.findFirstOrThrow({ where: { slug: 'late' } })
    await client.app.update({ where: { id: app.id }, data: { health, observedGeneration: app.generation } })
    await new Promise((resolve) => setTimeout(resolve, 4500))
    await observe('late', 1, 'live')
    const { exitCode, output } = await push
    expect(count(output, message)).toBe(1)
    expect(output).toContain('deployed to Slipway (v1)')
    expect(exitCode).toBe(0)
  })

  test('a limit of its own is said, and kept', async () => {
    await newApp('slow')
    const push = tree.git('push', '-o', 'timeout=10s', urlOf('slow'), 'main')
    await succeed('slow', 1)
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('up to 10 seconds')
    expect(output).toContain('The limit of this push, 10 seconds, is over: the rollout of v1 continues.')
    const wrong = await tree.git('push', '-o', 'speed=high', urlOf('slow'), 'main')
    expect(wrong.output).toContain('The push option "speed=high" is not known')
  })

  test('with no-wait it ends with the release', async () => {
    await newApp('hasty')
    const push = tree.git('push', '-o', 'no-wait', urlOf('hasty'), 'main')
    await succeed('hasty', 1)
    const { exitCode, output } = await push
    expect(exitCode).toBe(0)
    expect(output).toContain('Released v1')
    expect(output).not.toContain('deployed')
  })

  test('a shallow clone is taken', async () => {
    await newApp('shallow')
    await tree.commit('Second', { 'second.txt': 'two' })
    await tree.commit('Third', { 'third.txt': 'three' })
    const clone = `${tree.directory}-shallow`
    await runGit('/', ['clone', '--quiet', '--depth', '1', `file://${tree.directory}`, clone])
    const push = runGit(clone, ['push', urlOf('shallow'), 'main'])
    await succeed('shallow', 1)
    await observe('shallow', 1, 'live')
    const { exitCode, output } = await push
    expect(output).toContain('deployed to Slipway')
    expect(exitCode).toBe(0)
    // What follows builds on it, from the shallow clone and from a whole one.
    await runGit(clone, ['commit', '--quiet', '--allow-empty', '-m', 'Fourth'])
    const next = runGit(clone, ['push', urlOf('shallow'), 'main'])
    await succeed('shallow', 2)
    await observe('shallow', 2, 'live')
    expect((await next).exitCode).toBe(0)
    const full = await runGit('/', ['clone', '--quiet', urlOf('shallow'), `${clone}-back`])
    expect(full.exitCode).toBe(0)
    await rm(clone, { recursive: true })
    await rm(`${clone}-back`, { recursive: true })
  })

  test('the first push chooses the branch; others are refused by the name of it', async () => {
    await newApp('branches')
    await tree.git('branch', '--force', 'master')
    await tree.git('branch', '--force', 'feature')
    const early = await tree.git('push', urlOf('branches'), 'feature')
    expect(early.output).toContain('only the branch main is deployed, so feature was not taken')
    expect(await buildsOf('branches')).toEqual([])
    const first = tree.git('push', urlOf('branches'), 'master')
    await succeed('branches', 1)
    await observe('branches', 1, 'live')
    expect((await first).exitCode).toBe(0)
    const refused = await tree.git('push', urlOf('branches'), 'feature')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.output).toContain('only the branch master is deployed, so feature was not taken')
    expect(refused.output).toContain('git push slipway feature:master')
    expect(refused.output).toContain('(this app deploys master)')
    expect(await buildsOf('branches')).toHaveLength(1)
    await runGit('/', ['clone', '--quiet', urlOf('branches'), `${tree.directory}-clone`])
    expect((await runGit(`${tree.directory}-clone`, ['branch', '--show-current'])).output.trim()).toBe('master')
    await rm(`${tree.directory}-clone`, { recursive: true })
    // The branch is a setting: the next push of the new one is deployed, and clones get it.
    await platform.database.db.client.app.updateMany({ where: { slug: 'branches' }, data: { deployBranch: 'feature' } })
    await tree.git('commit', '--quiet', '--allow-empty', '-m', 'On feature')
    const moved = tree.git('push', urlOf('branches'), 'HEAD:feature')
    await succeed('branches', 2)
    await observe('branches', 2, 'live')
    expect((await moved).exitCode).toBe(0)
    expect(await remoteHead('branches', 'feature')).toBe(await localHead())
  })

  test('with --all the branch that counts goes through', async () => {
    await newApp('all')
    const all = tree.git('push', '--all', urlOf('all'))
    await succeed('all', 1)
    await observe('all', 1, 'live')
    const { output } = await all
    expect(output).toContain('deployed to Slipway')
    expect(output).toContain('(this app deploys main)')
    expect((await runGit('/', ['ls-remote', urlOf('all')])).output).not.toMatch(/feature|refs\/slipway/)
  })

  test('a forced push of another history is deployed', async () => {
    await newApp('forced')
    const first = tree.git('push', urlOf('forced'), 'main')
    await succeed('forced', 1)
    await observe('forced', 1, 'live')
    await first
    const other = await createWorkTree({ 'index.html': 'another history' })
    expect((await other.git('push', urlOf('forced'), 'main')).output).toContain('fetch first')
    const forced = other.git('push', '--force', urlOf('forced'), 'main')
    await succeed('forced', 2)
    await observe('forced', 2, 'live')
    expect((await forced).exitCode).toBe(0)
    expect(await remoteHead('forced')).toBe(await localHead(other))
    await other.remove()
  })

  test('a build that is cancelled says by whom', async () => {
    await newApp('stopped')
    const push = tree.git('push', urlOf('stopped'), 'main')
    await fail('stopped', 1, 'Cancelled by ada.', 'cancelled')
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(count(output, 'Cancelled by ada.')).toBe(1)
    expect(output).toContain('(build 1 was cancelled)')
  })

  test('the deploy branch cannot be deleted', async () => {
    const { exitCode, output } = await tree.git('push', urlOf('web'), ':main')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('cannot be deleted')
  })

  test('a second push while one is built is told to wait; the first goes on; the same commit joins it', async () => {
    await newApp('busy')
    const first = tree.git('push', urlOf('busy'), 'main')
    await nextBuild('busy', 1)
    const other = await createWorkTree({ 'index.html': 'other' })
    const second = await other.git('push', urlOf('busy'), 'main')
    expect(second.exitCode).not.toBe(0)
    expect(second.output).toMatch(/Build 1 of [0-9a-f]{7} is still (queued|building)\. Wait for it or cancel it/)
    const third = tree.git('push', urlOf('busy'), 'main')
    await waitFor('the same commit to join', async () => platform.pushes() === 2)
    await succeed('busy', 1)
    await observe('busy', 1, 'live')
    expect((await first).exitCode).toBe(0)
    expect((await third).exitCode).toBe(0)
    expect(await buildsOf('busy')).toHaveLength(1)
    await other.remove()
  })

  test('a client that goes away leaves its build, and the branch follows what serves', async () => {
    await newApp('left')
    const leaving = new AbortController()
    const push = runGit(tree.directory, ['push', urlOf('left'), 'main'], leaving.signal)
    await nextBuild('left', 1)
    leaving.abort()
    await push
    await succeed('left', 1)
    await observe('left', 1, 'live')
    expect(await remoteHead('left')).toBe(await localHead())
    expect((await tree.git('push', urlOf('left'), 'main')).output).toContain('Everything up-to-date')
  })

  test('an app that is deleted while it is built ends its push', async () => {
    await newApp('going')
    const push = tree.git('push', urlOf('going'), 'main')
    await nextBuild('going', 1)
    await platform.api().app.delete.mutate({ ...environment, app: 'going', confirm: 'going' })
    await fail('going', 1, 'The app was deleted.', 'cancelled')
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('The app was deleted.')
  })
})

describe('rights', () => {
  test('a wrong token, a revoked one and none at all are not let in', async () => {
    await newApp('guarded')
    const wrong = await tree.git('push', urlOf('guarded', 'slp_wrong'), 'main')
    expect(wrong.output).toContain('Authentication failed')
    const token = await platform
      .api()
      .token.create.mutate({ name: 'short', expiresInDays: 1, password: platform.password })
    await platform.api().token.revoke.mutate({ token: token.id })
    expect((await tree.git('push', urlOf('guarded', token.secret), 'main')).output).toContain('Authentication failed')
    const bare = await fetch(`${platform.url}/git/acme/shop/production/guarded.git/info/refs?service=git-receive-pack`)
    expect(bare.status).toBe(401)
    expect(bare.headers.get('www-authenticate')).toContain('Basic')
  })

  test('git needs a token of scope deploy', async () => {
    const tokenOf = (scope: 'read' | 'deploy') =>
      platform.api().token.create.mutate({ name: scope, scope, password: platform.password })
    const read = await tokenOf('read')
    const refused = await runGit('/', ['ls-remote', urlOf('web', read.secret)])
    expect([refused.exitCode === 0, refused.output]).toEqual([false, expect.stringContaining('needs deploy')])
    const { secret } = await tokenOf('deploy')
    expect((await runGit('/', ['ls-remote', urlOf('web', secret)])).output).toContain('refs/heads/main')
  })

  test('a push whose token is revoked shows nothing more; its build goes on', async () => {
    await newApp('ended')
    const token = await platform
      .api()
      .token.create.mutate({ name: 'ended', scope: 'deploy', password: platform.password })
    const push = tree.git('push', urlOf('ended', token.secret), 'main')
    const build = await nextBuild('ended', 1)
    await platform.api().token.revoke.mutate({ token: token.id })
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('Your access to this app has ended: build 1 continues without you.')
    const { status } = await platform.database.db.client.build.findUniqueOrThrow({ where: { id: build.id } })
    expect(['queued', 'running']).toContain(status)
  })

  test('a viewer may fetch and not push; a stranger finds nothing', async () => {
    const viewer = await member('viewer@example.com', 'viewer')
    const refused = await tree.git('push', urlOf('guarded', viewer), 'main')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.output).toContain('Your role in acme is viewer')
    expect((await runGit('/', ['ls-remote', urlOf('web', viewer)])).output).toContain('refs/heads/main')
    const stranger = await member('stranger@example.com', null)
    expect((await tree.git('push', urlOf('guarded', stranger), 'main')).output).toContain('not found')
  })

  test('an app that does not exist, and addresses that are none, are not found', async () => {
    expect((await tree.git('push', urlOf('nothing'), 'main')).output).toContain('not found')
    for (const path of [
      '/git/acme/shop/production/web.git/HEAD',
      '/git/../../etc/passwd',
      '/git/a/b/c/d.git/objects/info/packs',
    ]) {
      const { status } = await fetch(`${platform.url}${path}`, {
        headers: { authorization: `Basic ${btoa(`x:${platform.token}`)}` },
      })
      expect(status, path).toBe(404)
    }
  })

  test('guessing tokens is slowed down', async () => {
    const statuses = new Set<number>()
    for (let n = 0; n < 35; n++) {
      const answer = await fetch(`${platform.url}/git/acme/shop/production/web.git/info/refs?service=git-upload-pack`, {
        headers: { authorization: `Basic ${btoa(`x:slp_guess${n}`)}`, 'x-forwarded-for': '203.0.113.9' },
      })
      statuses.add(answer.status)
      await answer.text()
    }
    expect([...statuses].sort()).toEqual([401, 429])
  })
})

/** Makes an account through an invitation, with a role in acme, or in no team of ours. */
async function member(email: string, role: 'viewer' | null): Promise<string> {
  const team = role === null ? 'others' : 'acme'
  if (role === null) await platform.api().team.create.mutate({ name: 'Others', team })
  const { path } = await platform.api().invitation.create.mutate({ team, email, role: role ?? 'owner' })
  const password = 'a password for the tests'
  await platform.api(null).invitation.accept.mutate({ token: path.replace('/invite/', ''), name: email, password })
  return (await platform.api(null).session.login.mutate({ email, password, tokenName: 'x' })).secret
}

describe('internal routes', () => {
  test('answer nothing without their token', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    for (const [method, path] of [
      ['POST', `/internal/builds/${id}/prepare`],
      ['GET', `/internal/builds/${id}/source`],
      ['GET', '/internal/other'],
    ] as const) {
      const answer = await fetch(`${platform.url}${path}`, {
        method,
        headers: {
          authorization: 'Bearer nothing',
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        },
        body: method === 'POST' ? '{}' : undefined,
      })
      expect(answer.status, path).toBe(404)
    }
  })
})

test('a gzip body is taken as it is', async () => {
  const head = await remoteHead('web')
  const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`
  const answer = await fetch(`${platform.url}/git/acme/shop/production/web.git/git-upload-pack`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`x:${platform.token}`)}`,
      'content-type': 'application/x-git-upload-pack-request',
      'content-encoding': 'gzip',
    },
    body: gzipSync(`${line(`want ${head}\n`)}0000${line('done\n')}`),
  })
  expect(answer.status).toBe(200)
  expect(
    Buffer.from(await answer.arrayBuffer())
      .subarray(0, 12)
      .toString('latin1'),
  ).toBe('0008NAK\nPACK')
})

test('a push that breaks off leaves nothing', async () => {
  await newApp('cut')
  const { hostname, port } = new URL(platform.url)
  await new Promise<void>((resolve) => {
    const call = request({
      hostname,
      port,
      method: 'POST',
      path: '/git/acme/shop/production/cut.git/git-receive-pack',
      headers: {
        authorization: `Basic ${btoa(`x:${platform.token}`)}`,
        'content-type': 'application/x-git-receive-pack-request',
        'content-length': 100_000,
      },
    })
    call.on('error', () => resolve())
    call.on('close', () => resolve())
    call.write('00b3')
    setTimeout(() => call.destroy(), 300)
  })
  expect((await platform.api().build.list.query({ ...environment, app: 'cut' })).items).toEqual([])
  const push = tree.git('push', urlOf('cut'), 'main')
  await succeed('cut', 1)
  await observe('cut', 1, 'live')
  expect((await push).exitCode).toBe(0)
})

test('a platform that is stopped tells its pushes that what they began goes on', async () => {
  const own = await startWithoutCluster()
  await own.api().app.create.mutate({ ...environment, app: 'web', source: { kind: 'git' } })
  const url = `${own.url.replace('://', `://me:${own.token}@`)}/git/acme/shop/production/web.git`
  const push = tree.git('push', url, 'main')
  await waitFor('the build', () => own.database.db.client.build.findFirst())
  await own.stop()
  const { exitCode, output } = await push
  expect(exitCode).not.toBe(0)
  expect(output).toContain('Slipway is restarting: build 1 continues. Push again to follow it.')
  expect(output).toContain('(build 1 continues)')
  expect(output).not.toMatch(/failed\b(?! to push)/)
})
