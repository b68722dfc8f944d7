import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { server } from './apps.ts'

// Pushes of apps on which other platforms, and earlier versions of this one, were wrong.
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
const view = (app: string) => platform.api().app.get.query(refOf(app))

async function newApp(app: string, files: Readonly<Record<string, string>>, startTimeout = 120): Promise<WorkTree> {
  const settings = { startTimeout }
  await platform.api().app.create.mutate({ ...platform.environment, app, source: { kind: 'git' }, settings })
  const tree = await createWorkTree(files)
  trees.push(tree)
  return tree
}

const push = (tree: WorkTree, app: string) => tree.git('push', platform.gitUrl(app), 'main')

describe.concurrent('an app that listens late', () => {
  test.concurrent('is Progressing until its limit, which is named, and then live', async () => {
    const tree = await newApp('slow', server(`setTimeout(() => server.listen(process.env.PORT), 30_000)`), 60)
    const pushing = push(tree, 'slow')
    const starting = await waitFor(
      'the wait to be said',
      async () => {
        const { health, ...rest } = await view('slow')
        return health.message.includes('Starting') && { health, ...rest }
      },
      150_000,
    )
    expect(starting.health).toMatchObject({
      status: 'Progressing',
      message: expect.stringMatching(
        /^Rolling out v1: 0 of 1 instance ready\. Starting: not listening on PORT yet, \d0 s of 60 s\.$/,
      ),
    })
    expect(starting.recentReleases[0]?.status).toBe('rolling_out')
    const { exitCode, output } = await pushing
    expect(output).toMatch(/not listening on PORT yet, \d0 s of 60 s/)
    expect(output).toContain('deployed to Slipway (v1)')
    expect(output).not.toContain('failing')
    expect(exitCode).toBe(0)
    expect((await view('slow')).recentReleases[0]?.status).toBe('live')
  })

  test.concurrent('has failed when its limit is over: the push, the page and the release say the same, and go on saying it', async () => {
    const tree = await newApp('deaf', server('console.log("listening on 3000")'), 10)
    const { exitCode, output } = await push(tree, 'deaf')
    const cause =
      'the web process does not accept connections on PORT 8080 within 10 s: it must listen on 0.0.0.0:$PORT'
    expect(output).toContain(`v1 is failing: ${cause}`)
    expect(output).toContain('Its log says “listening on 3000”.')
    expect(output).toContain('(v1 did not start)')
    expect(exitCode).not.toBe(0)
    const causes = new Set<string>()
    for (let second = 0; second < 15; second += 1) {
      const { health, recentReleases } = await view('deaf')
      causes.add(`${health.status} ${health.message.replace(/ \(restarted .*?\)/, '')} ${recentReleases[0]?.status}`)
      await sleep(1000)
    }
    expect([...causes]).toEqual([`Degraded v1 is failing: ${cause}. Nothing serves. failed`])
  })
})

test
  .runIf(process.platform === 'linux')
  .concurrent('an app that listens on loopback only is not live, and is told so', async () => {
    const tree = await newApp('loopback', server(`server.listen(process.env.PORT, '127.0.0.1')`))
    const { exitCode, output } = await push(tree, 'loopback')
    expect(output).toContain('listens on 127.0.0.1 only; it must listen on 0.0.0.0')
    expect(exitCode).not.toBe(0)
    expect((await view('loopback')).health).toMatchObject({ status: 'Degraded', reason: 'LoopbackOnly' })
  })

test.concurrent('an app without a web process: the push says so, no address is shown, and its host answers 404', async () => {
  const tree = await newApp('worker', { ...server(''), Procfile: `worker: node -e "setInterval(() => {}, 1e5)"\n` })
  const { exitCode, output } = await push(tree, 'worker')
  expect(output).toContain('v1 is live. It has no web process; nothing answers at an address.')
  expect(exitCode).toBe(0)
  expect((await view('worker')).url).toBeNull()
  for (const host of [hostOf('worker'), hostOf('never-was')]) {
    const { status, body } = await platform.fetchApp(host)
    expect(status).toBe(404)
    expect(body).toContain('There is no app')
  }
})

test.concurrent('an app that outgrows its memory is told so', async () => {
  const grow = 'const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 50)'
  const tree = await newApp('oom', server(`server.listen(process.env.PORT); setTimeout(() => { ${grow} }, 4000)`))
  await push(tree, 'oom')
  const { why } = await waitFor('the cause', async () => {
    const found = await view('oom')
    return found.health.status === 'Degraded' && found
  })
  expect(why?.sentence).toContain('is killed for exceeding its memory limit (256 MiB)')
  expect(why?.action).toContain('more memory')
})

test.concurrent('an app that ignores SIGTERM is replaced without a failed request', async () => {
  const tree = await newApp('stubborn', server(`process.on('SIGTERM', () => {}); server.listen(process.env.PORT)`))
  expect((await push(tree, 'stubborn')).exitCode).toBe(0)
  const failures: unknown[] = []
  let done = false
  const client = (async () => {
    while (!done) {
      const { status } = await platform.fetchApp(hostOf('stubborn')).catch((error) => ({ status: String(error) }))
      if (status !== 200) failures.push(status)
      await sleep(30)
    }
  })()
  await platform.api().config.update.mutate({ ...refOf('stubborn'), set: { A: '1' }, unset: [] })
  await waitFor('v2 alone', async () => {
    const { health, instanceList } = await view('stubborn')
    return health.status === 'Healthy' && instanceList.every(({ release }) => release === 2)
  })
  done = true
  await client
  expect(failures).toEqual([])
})
