import type { AppView, BuildLogBatch, LogBatch } from '@slipway/domain'
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
      super(address)
      sockets.push(this)
    }
  }
  const client = createWSClient({
    url: `${platform.url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
    connectionParams: () => ({ token }),
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
    const stranger = connect('slp_nobody')
    const refused = await new Promise<string>((resolve) => {
      stranger.api.live.app.subscribe(ref(), {
        onData: () => resolve('let in'),
        onError: (error) => resolve(error.message),
      })
    })
    expect(refused).toContain('token')
    await stranger.close()

    const token = await platform.api().token.create.mutate({ name: 'short', expiresInDays: 1 })
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
    socket.api.live.apps.subscribe({}, { onData: (apps) => void lists.push(apps.map((each) => each.ref.app)) })
    await waitFor('the list', async () => lists.at(-1)?.includes(app))
    await platform.api().app.create.mutate({ ...platform.environment, app: 'fresh', source: { kind: 'git' } })
    await waitFor('the new app', async () => lists.at(-1)?.includes('fresh'))
    await platform.api().app.delete.mutate({ ...platform.environment, app: 'fresh', confirm: 'fresh' })
    await waitFor('the new app to go', async () => !lists.at(-1)?.includes('fresh'))
    await socket.close()
  })
})
