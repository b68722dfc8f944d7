import { once } from 'node:events'
import type { AppView, BuildLogBatch, LogBatch } from '@slipway/domain'
import { type AppSummary, applyAppListChange } from '@slipway/domain'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../src/api/index.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
const app = 'live'
const host = `${app}.shop-production.localhost`

beforeAll(async () => {
  platform = await startTestPlatform()
  await platform.api().app.create.mutate({ ...platform.environment, app, source: { kind: 'git' } })
  tree = await createWorkTree(GREETER)
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

const ref = () => ({ ...platform.environment, app })

/** A client with a WebSocket that the test can cut. */
function connect(token = platform.account.token) {
  const sockets: WebSocket[] = []
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${token}` } })
      sockets.push(this)
    }
  }
  const client = createWSClient({
    url: `${platform.url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 50,
  })
  return {
    api: createTRPCClient<AppRouter>({ links: [wsLink({ client })] }),
    cut: () => sockets.at(-1)?.terminate(),
    close: () => client.close(),
  }
}

describe('subscriptions', () => {
  test('live.build and live.app follow a push from its first line to its first instance', async () => {
    const socket = connect()
    const views: AppView[] = []
    const lines: string[] = []
    let end: BuildLogBatch | null = null
    socket.api.live.app.subscribe(ref(), { onData: (view) => void views.push(view) })
    const push = tree.git('push', platform.gitUrl(app), 'main')
    await waitFor('the build to be seen', async () => views.some(({ activeBuild }) => activeBuild !== null))
    socket.api.live.build.subscribe(
      { ...ref(), build: 1 },
      {
        onData: ({ data }) => {
          lines.push(...data.lines)
          end = data
        },
      },
    )
    expect((await push).exitCode).toBe(0)
    await waitFor('the end of the build log', async () => end?.status === 'succeeded')
    expect(lines.join('\n')).toContain('-----> Node.js app detected')
    expect(new Set(lines.filter((line) => line.startsWith('----->'))).size).toBe(
      lines.filter((line) => line.startsWith('----->')).length,
    )
    await waitFor('the app to be seen healthy', async () => views.at(-1)?.health.status === 'Healthy')
    await waitFor('the release to be seen live', async () => views.at(-1)?.recentReleases[0]?.status === 'live')
    expect(views.at(-1)?.instanceList).toMatchObject([{ process: 'web', ready: true, release: 1 }])
    await socket.close()
  })

  test('live.logs sends the tail, then every line once, through cut connections and new pods', async () => {
    await platform.fetchApp(host, '/log/before')
    const socket = connect()
    const batches: LogBatch[] = []
    socket.api.live.logs.subscribe({ ...ref(), tail: 100 }, { onData: ({ data }) => void batches.push(data) })
    const texts = () => batches.flatMap((batch) => batch.lines.map(({ text }) => text))
    await waitFor('the tail', async () => texts().includes('before'))
    expect(texts()[0]).toBe('greeter starts')

    const sent: string[] = []
    for (let n = 0; n < 60; n++) {
      const text = `line ${n}`
      sent.push(text)
      await platform.fetchApp(host, `/log/${encodeURIComponent(text)}`)
      if (n % 20 === 10) socket.cut()
    }
    await waitFor('all lines', async () => texts().filter((text) => text.startsWith('line ')).length >= sent.length)
    expect(texts().filter((text) => text.startsWith('line '))).toEqual(sent)

    await platform.api().config.update.mutate({ ...ref(), set: { GREETING: 'two' }, unset: [] })
    await waitFor('the new pod to be followed', async () =>
      batches.some(({ lines }) => lines.some((line) => line.release === 2 && line.text === 'greeter starts')),
    )
    await socket.close()
  })

  test('live.logs with tail 0 begins with what comes', async () => {
    await platform.fetchApp(host, '/log/long-ago')
    const socket = connect()
    const lines: string[] = []
    socket.api.live.logs.subscribe(
      { ...ref(), tail: 0 },
      { onData: ({ data }) => void lines.push(...data.lines.map(({ text }) => text)) },
    )
    await waitFor('a new line', async () => {
      await platform.fetchApp(host, '/log/from-now-on')
      return lines.includes('from-now-on')
    })
    expect(new Set(lines)).toEqual(new Set(['from-now-on']))
    await socket.close()
  })

  test('with since, the log begins at a time and goes on from there', async () => {
    await platform.fetchApp(host, '/log/before-the-time')
    await platform.fetchApp(host, '/log/at-the-time')
    await platform.fetchApp(host, '/log/after-the-time')
    const all = await platform.api().logs.get.query({ ...ref(), tail: 1000 })
    const since = all.findLast(({ text }) => text === 'at-the-time')?.at
    expect((await platform.api().logs.get.query({ ...ref(), tail: 1, since })).map(({ text }) => text)).toEqual([
      'at-the-time',
    ])
    const socket = connect()
    const lines: string[] = []
    socket.api.live.logs.subscribe(
      { ...ref(), tail: 1, since },
      { onData: ({ data }) => void lines.push(...data.lines.map(({ text }) => text)) },
    )
    await waitFor('what came after', async () => lines.includes('after-the-time'))
    await platform.fetchApp(host, '/log/new')
    await waitFor('what comes', async () => lines.includes('new'))
    expect(lines).toEqual(['at-the-time', 'after-the-time', 'new'])
    await expect(platform.api().logs.get.query({ ...ref(), since: 'yesterday' })).rejects.toThrow(
      /2026-11-29T14:30:00Z/,
    )
    await socket.close()
  })

  test('lines older than the tail do not come after it, whichever instance wrote them', async () => {
    await platform.api().app.scale.mutate({ ...ref(), processes: [{ name: 'web', instances: 2 }] })
    await waitFor('two instances', async () => (await platform.api().app.get.query(ref())).instances.ready === 2)
    const socket = connect()
    const lines: string[] = []
    socket.api.live.logs.subscribe(
      { ...ref(), tail: 1 },
      { onData: ({ data }) => void lines.push(...data.lines.map(({ text }) => text)) },
    )
    await waitFor('the tail', async () => lines.length > 0)
    // Each instance has some of these; a stream that read a log anew would begin with its first line.
    for (let n = 0; n < 20; n++) await platform.fetchApp(host, `/log/now-${n}`)
    await waitFor('what comes', async () => lines.length >= 21)
    // Two logs are merged as far as they have come: what matters is that nothing of before is among them.
    expect(lines.slice(1).toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => `now-${n}`).toSorted())
    await socket.close()
  })

  test('a container that starts again is followed on', async () => {
    const socket = connect()
    const lines: string[] = []
    socket.api.live.logs.subscribe(
      { ...ref(), tail: 0 },
      { onData: ({ data }) => void lines.push(...data.lines.map(({ text }) => text)) },
    )
    await waitFor('the stream', async () => {
      await platform.fetchApp(host, '/log/first-life')
      return lines.includes('first-life')
    })
    // Without a tail nothing of before comes.
    expect(lines.filter((text) => text !== 'first-life')).toEqual([])
    await platform.fetchApp(host, '/exit')
    await waitFor('the second life', async () => lines.includes('greeter starts'))
    await waitFor('its lines', async () => {
      await platform.fetchApp(host, '/log/second-life')
      return lines.includes('second-life')
    })
    await socket.close()
  })

  test('a token that is revoked ends its streams, and strangers get none', async () => {
    const stranger = new WebSocket(`${platform.url.replace('http', 'ws')}/trpc`, {
      headers: { authorization: 'Bearer slp_nobody' },
    })
    const [, refused] = await once(stranger, 'unexpected-response')
    expect(refused.statusCode).toBe(401)

    const token = await platform.api().token.create.mutate({
      name: 'short',
      expiresInDays: 1,
      password: platform.account.password,
    })
    const socket = connect(token.secret)
    const ended = new Promise<string>((resolve) => {
      socket.api.live.app.subscribe(ref(), {
        onData: () => void platform.api().token.revoke.mutate({ token: token.id }),
        onError: (error) => resolve(error.message),
      })
    })
    expect(await ended).toContain('revoked')
    await socket.close()
  })

  test('live.apps shows apps that come and go', async () => {
    const socket = connect()
    const lists: string[][] = []
    let list: AppSummary[] = []
    socket.api.live.apps.subscribe(
      {},
      {
        onData(change) {
          list = applyAppListChange(list, change)
          lists.push(list.map((each) => each.ref.app))
        },
      },
    )
    await waitFor('the list', async () => lists.at(-1)?.includes(app))
    await platform.api().app.create.mutate({ ...platform.environment, app: 'fresh', source: { kind: 'git' } })
    await waitFor('the new app', async () => lists.at(-1)?.includes('fresh'))
    await platform.api().app.delete.mutate({ ...platform.environment, app: 'fresh', confirm: 'fresh' })
    await waitFor('the new app to go', async () => !lists.at(-1)?.includes('fresh'))
    await socket.close()
  })
})
