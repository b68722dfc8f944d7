import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { gitEnvironment, killGroup } from '../src/git/git.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { CRASHES, GREETER, slowToBuild } from './apps.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
const trees: WorkTree[] = []
beforeAll(async () => {
  platform = await startTestPlatform()
})
afterAll(async () => {
  for (const tree of trees) await tree.remove()
  await platform?.stop()
})

const hostOf = (app: string) => `${app}.shop-production.localhost`
const refOf = (app: string) => ({ ...platform.environment, app })

async function newApp(app: string, files: Readonly<Record<string, string>>): Promise<WorkTree> {
  await platform.api().app.create.mutate({ ...platform.environment, app, source: { kind: 'git' } })
  const tree = await createWorkTree(files)
  trees.push(tree)
  return tree
}

const releaseIs = (app: string, release: number, status: string) =>
  waitFor(`v${release} of ${app} to be ${status}`, async () => {
    const found = await platform.api().release.get.query({ ...refOf(app), release })
    if (found.status === status) return found
    throw new Error(`v${release} is ${found.status}: ${found.message}`)
  })

const answers = (app: string, words: string) =>
  waitFor(`${app} to answer "${words}"`, async () => {
    const { status, body } = await platform.fetchApp(hostOf(app))
    if (status === 200 && body.includes(words)) return body
    throw new Error(`${status} ${body.slice(0, 200)}`)
  })

describe('a pushed app', () => {
  test('comes to life, takes config without one failed request, scales, rolls back', async () => {
    const tree = await newApp('greeter', GREETER)
    const { exitCode, output } = await tree.git('push', platform.gitUrl('greeter'), 'main')
    expect(output).toContain('remote: -----> Node.js app detected')
    expect(exitCode).toBe(0)
    await answers('greeter', 'hello nobody')
    await releaseIs('greeter', 1, 'live')

    const load = underLoad('greeter')
    await platform.api().config.update.mutate({ ...refOf('greeter'), set: { GREETING: 'Ada' }, unset: [] })
    await answers('greeter', 'hello Ada')
    await releaseIs('greeter', 2, 'live')
    await platform.api().app.scale.mutate({ ...refOf('greeter'), processes: [{ name: 'web', instances: 2 }] })
    await waitFor('two instances', async () => {
      const app = await platform.api().app.get.query(refOf('greeter'))
      return app.health.status === 'Healthy' && app.instanceList.filter(({ ready }) => ready).length === 2
    })
    const { requests, failures } = await load.stop()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(10)

    await platform.api().release.rollback.mutate({ ...refOf('greeter'), release: 1 })
    await answers('greeter', 'hello nobody')
    const release = await releaseIs('greeter', 3, 'live')
    const first = await platform.api().release.get.query({ ...refOf('greeter'), release: 1 })
    expect(release).toMatchObject({ kind: 'rollback', rollbackOf: 1, image: first.image })
    expect(first.status).toBe('superseded')
  })

  test('a push of what already runs builds nothing, even to an emptied branch', async () => {
    const tree = await newApp('again', GREETER)
    expect((await tree.git('push', platform.gitUrl('again'), 'main')).exitCode).toBe(0)
    const before = await platform.api().build.list.query(refOf('again'))
    expect((await tree.git('push', platform.gitUrl('again'), 'main')).output).toContain('Everything up-to-date')
    expect(await platform.api().build.list.query(refOf('again'))).toEqual(before)
  })

  test('a tree that nobody recognises is refused with the list of what is', async () => {
    const tree = await newApp('unknown', { 'README.md': 'nothing here' })
    const { exitCode, output } = await tree.git('push', platform.gitUrl('unknown'), 'main')
    expect(exitCode).not.toBe(0)
    expect(output).toContain('(build 1 failed)')
    expect(output).toMatch(/package\.json/)
    const app = await platform.api().app.get.query(refOf('unknown'))
    expect(app.why?.build).toBe(1)
    expect(app.why?.logTail.length).toBeGreaterThan(0)
  })

  test('a build that is cancelled ends within seconds, also one that hangs, rejects its push and leaves no Job', async () => {
    const tree = await newApp('cancelled', {
      ...slowToBuild(60),
      'build.js': "process.on('SIGTERM', () => {}); console.log('hanging'); setInterval(() => {}, 1000)",
    })
    const push = tree.git('push', platform.gitUrl('cancelled'), 'main')
    await waitFor('the build to run', async () => {
      const { items } = await platform.api().build.list.query(refOf('cancelled'))
      return items[0]?.status === 'running'
    })
    await platform.api().build.cancel.mutate({ ...refOf('cancelled'), build: 1 })
    await waitFor(
      'the build to be cancelled',
      async () => (await platform.api().build.get.query({ ...refOf('cancelled'), build: 1 })).status === 'cancelled',
      5000,
    )
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toContain('Cancelled by ada.')
    expect(output).toContain('(build 1 was cancelled)')
    await waitFor('its Job to be gone', async () => (await jobs('cancelled')).length === 0)
  })

  test('a push whose client goes away is built, released and kept all the same', async () => {
    const tree = await newApp('left', slowToBuild(2))
    const client = spawn('git', ['push', platform.gitUrl('left'), 'main'], {
      cwd: tree.directory,
      env: gitEnvironment(),
      stdio: 'ignore',
      detached: true,
    })
    await waitFor('the build to run', async () => {
      const { items } = await platform.api().build.list.query(refOf('left'))
      return items[0]?.status === 'running'
    })
    killGroup(client.pid)
    await releaseIs('left', 1, 'live')
    const head = (await tree.git('rev-parse', 'HEAD')).output.trim()
    await waitFor('the branch', async () =>
      (await tree.git('ls-remote', platform.gitUrl('left'))).output.includes(head),
    )
  })

  test('an app that is deleted while it is built leaves nothing behind', async () => {
    const tree = await newApp('doomed', slowToBuild(60))
    const push = tree.git('push', platform.gitUrl('doomed'), 'main')
    const build = await waitFor('the build to run', () =>
      platform.database.db.client.build.findFirst({ where: { app: { slug: 'doomed' }, status: 'running' } }),
    )
    await platform.api().app.delete.mutate({ ...refOf('doomed'), confirm: 'doomed' })
    const { exitCode, output } = await push
    expect(exitCode).not.toBe(0)
    expect(output).toMatch(/deleted/)
    await waitFor(
      'its row to be gone',
      async () => (await platform.database.db.client.app.count({ where: { slug: 'doomed' } })) === 0,
    )
    expect(await jobs('doomed')).toEqual([])
    expect(existsSync(join(platform.stateDir, 'platform', 'git', `${build.appId}.git`))).toBe(false)
    expect(await platform.database.db.client.buildLogChunk.count({ where: { buildId: build.id } })).toBe(0)
  })
})

describe("why isn't it live", () => {
  test('a crash loop: the cause, its last lines, and the earlier release goes on serving', async () => {
    const tree = await newApp('crashes', GREETER)
    expect((await tree.git('push', platform.gitUrl('crashes'), 'main')).exitCode).toBe(0)
    await releaseIs('crashes', 1, 'live')
    await tree.commit('Break it', CRASHES)
    const push = await tree.git('push', platform.gitUrl('crashes'), 'main')
    expect(push.exitCode).not.toBe(0)
    expect(push.output).not.toContain('deployed to Slipway')
    expect(push.output).toContain('(v2 did not start)')
    expect(push.output).toContain('code 7')
    const app = await waitFor('the cause to be known', async () => {
      const view = await platform.api().app.get.query(refOf('crashes'))
      return view.why !== null && view.why.logTail.length > 0 && view
    })
    expect(app.why?.sentence).toContain('code 7')
    expect(app.why?.logTail).toContain('Error: DATABASE_URL is not set')
    expect(app.servingRelease).toBe(1)
    expect((await platform.fetchApp(hostOf('crashes'))).body).toContain('hello')
    await platform.api().release.cancel.mutate({ ...refOf('crashes'), release: 2 })
    await waitFor('v1 to be the one again', async () => {
      const view = await platform.api().app.get.query(refOf('crashes'))
      return view.currentRelease === 1 && view.health.status === 'Healthy'
    })
    expect((await platform.api().release.get.query({ ...refOf('crashes'), release: 2 })).status).toBe('cancelled')
  })

  test('an image that cannot be had says why', async () => {
    await platform
      .api()
      .app.create.mutate({ ...platform.environment, app: 'image', source: { kind: 'image', image: 'acme/proxy:1.29' } })
    const { why } = await waitFor('the cause to be known', async () => {
      const view = await platform.api().app.get.query(refOf('image'))
      return view.why !== null && view
    })
    expect(`${why?.sentence} ${why?.action}`).toMatch(/KUBECONFIG|docker\.io/)
  })
})

/** Build Jobs of an app, asked of the API server. */
async function jobs(app: string): Promise<unknown[]> {
  const { connectCluster, Jobs } = await import('@slipway/kube')
  const cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  try {
    return (await cluster.list(Jobs, { namespace: 'slipway-builds', labelSelector: `slipway.dev/app=${app}` })).items
  } finally {
    await cluster.close()
  }
}

/** Two clients that ask without a pause; every answer other than 200 is a failure. */
function underLoad(app: string) {
  let running = true
  let requests = 0
  const failures: string[] = []
  const client = async () => {
    while (running) {
      try {
        const { status, body } = await platform.fetchApp(hostOf(app))
        if (status !== 200) failures.push(`${status} ${body.slice(0, 100)}`)
      } catch (error) {
        failures.push(String(error))
      }
      requests++
      await sleep(20)
    }
  }
  const clients = Promise.all([client(), client()])
  return {
    async stop() {
      running = false
      await clients
      return { requests, failures }
    },
  }
}
