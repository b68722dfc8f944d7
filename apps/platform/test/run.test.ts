import type { RunView } from '@slipway/domain'
import { connectCluster, Jobs } from '@slipway/kube'
import { runJobName } from '@slipway/manifests'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../src/api/index.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'
import { deployApp } from './deploy-app.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
const app = 'tools'
beforeAll(async () => {
  platform = await startTestPlatform({ childProcess: true })
  await deployApp(platform, app, GREETER)
  await platform.api().config.update.mutate({ ...ref(), set: { GREETING: 'good day' }, unset: [] })
  await waitFor('the app to be live', async () => (await view()).health.status === 'Healthy')
})
afterAll(() => platform?.stop())

const ref = () => ({ ...platform.environment, app })
const view = () => platform.api().app.get.query(ref())
const start = (command: string[], size: { cpuMillis?: number; memoryMiB?: number; timeoutSeconds?: number } = {}) =>
  platform.api().run.start.mutate({ ...ref(), command, ...size })

interface Followed {
  lines: string[]
  end: RunView | null
}

/** Follows a command; resolves once it has ended. */
function follow(run: RunView, seen: Followed = { lines: [], end: null }): Promise<Followed> {
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${platform.account.token}` } })
    }
  }
  const client = createWSClient({
    url: `${platform.url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 100,
  })
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  return new Promise<Followed>((resolve, reject) => {
    api.live.run.subscribe(
      { ...ref(), run: run.id },
      {
        onData({ data }) {
          seen.lines.push(...data.lines)
          seen.end = data.run
        },
        onComplete: () => resolve(seen),
        onError: reject,
      },
    )
  }).finally(() => client.close())
}

const run = async (...command: string[]) => follow(await start(command))

/** The command that ended first. */
let first: RunView | null = null

test('a command runs with the image and config of the release; its output and exit code come back', async () => {
  first = await start([
    'node',
    '-e',
    'console.log(process.env.GREETING, process.argv[1]); console.error("and errors")',
    '$HOME $(GREETING) $$',
  ])
  const done = await follow(first)
  expect(done).toMatchObject({
    lines: expect.arrayContaining(['good day $HOME $(GREETING) $$', 'and errors']),
    end: { release: 2, exitCode: 0, failure: null },
  })
  expect(await run('sh', '-c', 'echo "no"; exit 3')).toMatchObject({
    lines: ['no'],
    end: { exitCode: 3, failure: null },
  })
  const missing = await run('no-such-program')
  expect(missing.end).toMatchObject({ failure: expect.stringContaining('no-such-program') })
  expect(missing.end?.exitCode).not.toBe(0)
  expect((await run('true')).lines).toEqual([])
})

test('it is no instance of the app, counts against the quota, and leaves nothing behind', async () => {
  // The instance of the release before may still be stopping.
  await waitFor('one instance', async () => (await view()).instanceList.length === 1)
  const before = await view()
  const reserved = async () => (await platform.api().quota.get.query({ team: 'acme' })).environments[0]?.reserved
  const rest = await reserved()
  const begun = await start(['sh', '-c', 'echo begun; sleep 600'], { memoryMiB: 64 })
  const seen: Followed = { lines: [], end: null }
  const followed = follow(begun, seen)
  await waitFor('its first line', async () => seen.lines.includes('begun'))
  expect(await reserved()).toMatchObject({
    memoryMiB: (rest?.memoryMiB ?? 0) + 64,
    instances: (rest?.instances ?? 0) + 1,
  })
  const during = await view()
  expect([during.health, during.instanceList.length]).toEqual([before.health, before.instanceList.length])
  await platform.api().run.stop.mutate({ ...ref(), run: begun.id })
  expect((await followed).end).toMatchObject({ exitCode: null, failure: 'It was stopped.' })
  expect(await reserved()).toEqual(rest)
  const name = runJobName({ app, run: begun.id })
  await waitFor('its Job to be gone', async () => (await jobs()).every(({ metadata }) => metadata.name !== name))
})

test('one that takes too long is stopped, in words', async () => {
  const { end } = await follow(await start(['sleep', '600'], { timeoutSeconds: 10 }))
  expect(end).toMatchObject({ exitCode: null, failure: expect.stringContaining('limit of 10 seconds') })
})

test('it goes on while the platform is killed, and its whole output comes once', async () => {
  const seen: Followed = { lines: [], end: null }
  const begun = await start([
    'node',
    '-e',
    'let n = 0; const t = setInterval(() => { console.log("tick " + ++n); if (n === 60) clearInterval(t) }, 200)',
  ])
  const followed = follow(begun, seen)
  await waitFor('some output', async () => seen.lines.length > 10)
  await platform.kill()
  await platform.start()
  await followed
  expect(seen.end).toMatchObject({ exitCode: 0 })
  expect(seen.lines).toEqual(Array.from({ length: 60 }, (_, n) => `tick ${n + 1}`))
})

// The minute has begun in the first test.
test('its Job goes by itself a minute after its end', async () => {
  if (first === null) throw new Error('no command has run')
  const name = runJobName({ app, run: first.id })
  await waitFor(
    'its Job to be gone',
    async () => (await jobs()).every(({ metadata }) => metadata.name !== name),
    120_000,
  )
})

async function jobs() {
  const cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  try {
    const { items } = await cluster.list(Jobs, { labelSelector: `slipway.dev/run-of=${app}` })
    return items
  } finally {
    await cluster.close()
  }
}
