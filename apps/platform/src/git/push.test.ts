import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { completeBuild, endBuild } from '@slipway/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBuildLogs } from '../live/build-logs.ts'
import { createWorkTree, runGit, type WorkTree } from '../testing/git-client.ts'
import { waitFor } from '../testing/wait.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'

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
  const logs = await openBuildLogs(platform.stateDir)
  await logs.append(
    build.id,
    lines.map((text) => ({ at: new Date().toISOString(), origin: 'builder', text })),
  )
  const processes = [{ name: 'web', kind: 'web' as const, command: null }]
  await waitFor('the build to take its turn', async () => {
    await completeBuild(platform.database.db, { buildId: build.id, image: IMAGE, processes, now: new Date() })
    return true
  })
}

describe('git push', () => {
  test('streams the build, ends with release and address, and keeps the branch', async () => {
    await newApp('web')
    const push = tree.git('push', urlOf('web'), 'main')
    await succeed('web', 1, ['-----> Static site detected', '       1 file'])
    const { exitCode, output } = await push
    expect(output).toContain('remote: -----> Static site detected')
    expect(output).toContain('Released v1')
    expect(output).toMatch(/http:\/\/web\.shop-production\.localhost:\d+ deployed to Slipway/)
    expect(exitCode).toBe(0)
    const head = (await tree.git('rev-parse', 'HEAD')).output.trim()
    expect((await runGit('/', ['ls-remote', urlOf('web'), 'refs/heads/main'])).output).toContain(head)
    const release = await platform.api().release.get.query({ ...environment, app: 'web', release: 1 })
    expect(release).toMatchObject({ kind: 'build', image: IMAGE, commit: head, build: 1 })
  })

  test('the same commit again builds nothing', async () => {
    const { output } = await tree.git('push', urlOf('web'), 'main')
    expect(output).toContain('Everything up-to-date')
    const builds = await platform.api().build.list.query({ ...environment, app: 'web' })
    expect(builds.items).toHaveLength(1)
  })

  test('a failing build rejects the push with its reason, and the branch stays where it was', async () => {
    await newApp('broken')
    const push = tree.git('push', urlOf('broken'), 'main')
    const build = await nextBuild('broken', 1)
    await endBuild(platform.database.db, {
      buildId: build.id,
      status: 'failed',
      failure: 'npm install ended with 1. Read the log above.',
      now: new Date(),
    })
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('! Push rejected: build 1 failed. npm install ended with 1. Read the log above.')
    expect(output).toContain('pre-receive hook declined')
    expect((await runGit('/', ['ls-remote', urlOf('broken')])).output).toBe('')
  })

  test('a build that is cancelled says by whom', async () => {
    await newApp('stopped')
    const push = tree.git('push', urlOf('stopped'), 'main')
    const build = await nextBuild('stopped', 1)
    await endBuild(platform.database.db, {
      buildId: build.id,
      status: 'cancelled',
      failure: 'Cancelled by ada.',
      now: new Date(),
    })
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('build 1 was cancelled. Cancelled by ada.')
  })

  test('another branch is refused in words and nothing is built; with --all the deploy branch goes through', async () => {
    await newApp('branches')
    await tree.git('branch', '--force', 'feature')
    const refused = await tree.git('push', urlOf('branches'), 'feature')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.output).toContain('only the branch main is deployed, so feature was not taken')
    expect(refused.output).toContain('git push slipway feature:main')
    expect((await platform.api().build.list.query({ ...environment, app: 'branches' })).items).toEqual([])

    const all = tree.git('push', '--all', urlOf('branches'))
    await succeed('branches', 1)
    const { output } = await all
    expect(output).toContain('Released v1')
    expect(output).toContain('feature was not taken')
    expect((await runGit('/', ['ls-remote', urlOf('branches')])).output).not.toContain('refs/heads/feature')
  })

  test('the deploy branch can not be deleted', async () => {
    const { exitCode, output } = await tree.git('push', urlOf('web'), ':main')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('can not be deleted')
  })

  test('a second push while one is built is told to wait; the first goes on', async () => {
    await newApp('busy')
    const first = tree.git('push', urlOf('busy'), 'main')
    await nextBuild('busy', 1)
    const other = await createWorkTree({ 'index.html': 'other' })
    const second = await other.git('push', urlOf('busy'), 'main')
    expect(second.exitCode).not.toBe(0)
    expect(second.output).toMatch(/Build 1 of [0-9a-f]{7} is still (queued|running)\. Wait for it or cancel it/)
    await succeed('busy', 1)
    expect((await first).exitCode).toBe(0)
    await other.remove()
  })

  test('an app that is deleted while it is built ends its push', async () => {
    await newApp('going')
    const push = tree.git('push', urlOf('going'), 'main')
    const build = await nextBuild('going', 1)
    await platform.api().app.delete.mutate({ ...environment, app: 'going', confirm: 'going' })
    await endBuild(platform.database.db, {
      buildId: build.id,
      status: 'cancelled',
      failure: 'The app was deleted.',
      now: new Date(),
    })
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
    const token = await platform.api().token.create.mutate({ name: 'short', expiresInDays: 1 })
    await platform.api().token.revoke.mutate({ token: token.id })
    expect((await tree.git('push', urlOf('guarded', token.secret), 'main')).output).toContain('Authentication failed')
    const bare = await fetch(`${platform.url}/git/acme/shop/production/guarded.git/info/refs?service=git-receive-pack`)
    expect(bare.status).toBe(401)
    expect(bare.headers.get('www-authenticate')).toContain('Basic')
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
    for (let n = 0; n < 15; n++) {
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
      ['POST', `/internal/pushes/${id}`],
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
  const head = (await tree.git('rev-parse', 'HEAD')).output.trim()
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
  expect((await push).exitCode).toBe(0)
})
