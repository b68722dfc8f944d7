import { once } from 'node:events'
import net from 'node:net'
import type { AppSummary, AppView } from '@slipway/domain'
import { applyAppListChange } from '@slipway/domain'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../src/api/index.ts'
import type { ChildPlatform } from '../src/testing/child.ts'
import { createApiClient } from '../src/testing/client.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'
import { GREETER } from './apps.ts'

// Whole deploys and restarts, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 })

const SOCKETS = 20
const ROUNDS = 4
/** Stays as it is, and the one that is changed meanwhile. */
const app = 'steady'
const scaled = 'scaled'

/** One process with all roles, and one without the repositories, behind one address. */
let all: TestPlatform
let other: ChildPlatform
let address: { url: string; close(): Promise<void> }
let tree: WorkTree
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  all = await startTestPlatform({ childProcess: true })
  await startOther()
  address = await listenInFront(() => [all.url, other.url])
  tree = await createWorkTree({ ...GREETER, 'server.js': `${GREETER['server.js']}\n${COUNTER}` })
  for (const each of [app, scaled]) {
    await all.api().app.create.mutate({ ...refOf(each), source: { kind: 'git' } })
    expect((await tree.git('push', all.gitUrl(each), 'main')).exitCode).toBe(0)
  }
})
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
  await address?.close()
  await tree?.remove()
  await other?.close()
  await all?.stop()
})

/** Prints consecutive numbers for as long as the process lives. */
const COUNTER = "let line = 0; setInterval(() => console.log('line ' + ++line), 50)"
const refOf = (name: string) => ({ ...all.environment, app: name })

async function startOther(): Promise<void> {
  const { url: gitUrl } = all
  other = await all.another({ roles: ['web', 'reconcile'], gitUrl, internalUrl: gitUrl, stateDir: null })
}

/** Passes connections on, in turn, to one of those that accept any: as a Service does. */
async function listenInFront(origins: () => string[]): Promise<typeof address> {
  let turn = 0
  const open = new Set<net.Socket>()
  const server = net.createServer((client) => {
    open.add(client)
    client.on('close', () => open.delete(client)).on('error', () => client.destroy())
    const targets = origins().map((origin) => Number(new URL(origin).port))
    turn += 1
    const attempt = (n: number) => {
      if (n === targets.length) return client.destroy()
      const upstream = net.connect(targets[(turn + n) % targets.length] ?? 0, '127.0.0.1')
      upstream.once('error', () => (upstream.connecting ? undefined : attempt(n + 1)))
      upstream.once('connect', () => {
        upstream.removeAllListeners('error').on('error', () => client.destroy())
        upstream.on('close', () => client.destroy())
        client.on('close', () => upstream.destroy())
        client.pipe(upstream).pipe(client)
      })
    }
    attempt(0)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What one browser tab has been sent. */
interface Tab {
  /** Of the app that is scaled. */
  view: AppView | null
  apps: AppSummary[]
  /** Texts of log lines, in the order of their arrival. */
  lines: string[]
}

function openTab(): Tab {
  class Socket extends WebSocket {
    constructor(at: string | URL) {
      super(at, { headers: { authorization: `Bearer ${all.account.token}` } })
    }
  }
  const client = createWSClient({
    url: `${address.url.replace('http', 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 100,
  })
  closing.push(async () => client.close())
  const api = createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
  const tab: Tab = { view: null, apps: [], lines: [] }
  api.live.app.subscribe(refOf(scaled), { onData: (view) => void Object.assign(tab, { view }) })
  api.live.apps.subscribe(
    {},
    { onData: (change) => void Object.assign(tab, { apps: applyAppListChange(tab.apps, change) }) },
  )
  api.live.logs.subscribe(
    { ...refOf(app), tail: 1 },
    { onData: ({ data }) => void tab.lines.push(...data.lines.map(({ text }) => text)) },
  )
  return tab
}

const readyOf = (view: AppView | null) => view?.instanceList.filter(({ ready }) => ready).length

const numbersOf = ({ lines }: Tab) =>
  lines.flatMap((text) => (text.startsWith('line ') ? [Number(text.slice('line '.length))] : []))

/** How many sessions hold the lock of the one that reconciles. */
async function leaders(): Promise<number> {
  const { rows } = await all.database.db.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
  )
  return rows[0]?.count ?? 0
}

test('two platforms killed in turn: streams lose and repeat nothing, and one reconciles', async () => {
  const tabs = Array.from({ length: SOCKETS }, openTab)
  const see = (what: string, isSeen: (tab: Tab) => boolean) => waitFor(what, async () => tabs.every(isSeen), 120_000)
  await see('all tabs to be live', (tab) => tab.view !== null && tab.apps.length === 2 && numbersOf(tab).length > 0)
  const through = createApiClient(address.url, all.account.token)
  for (let round = 1; round <= ROUNDS; round++) {
    const isOther = round % 2 === 0
    await (isOther ? other.kill() : all.kill())
    // While one is away the other reconciles and serves; a connection of before may end in the middle of a call.
    const instances = 1 + (round % 2)
    const change = { ...refOf(scaled), processes: [{ name: 'web', instances }] }
    await waitFor('a change through the one that is left', async () => {
      await through.app.scale.mutate(change)
      return true
    })
    await see(`${instances} ready in round ${round}`, ({ view }) => readyOf(view) === instances)
    expect(await leaders()).toBe(1)
    await (isOther ? startOther() : all.start())
  }
  await see(
    'both apps healthy',
    ({ apps }) => apps.length === 2 && apps.every(({ health }) => health.status === 'Healthy'),
  )
  const last = Math.max(...tabs.map((tab) => numbersOf(tab).at(-1) ?? 0))
  await see('the last lines', (tab) => (numbersOf(tab).at(-1) ?? 0) >= last)
  for (const tab of tabs) {
    const numbers = numbersOf(tab)
    const jumps = numbers.filter((number, n) => n > 0 && number !== (numbers[n - 1] ?? 0) + 1)
    expect(jumps).toEqual([])
  }
})
