import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppListChange, AppView } from '@slipway/domain'
import { type Cluster, connectCluster } from '@slipway/kube'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { AppRouter } from '../src/api/index.ts'
import { DEFAULT_LIMITS } from '../src/env-limits.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

const APPS = 1000
const APP_WATCHERS = 200
const HOME_WATCHERS = 50
const SOCKETS = 10
const CHANGES = 100
vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 })

let platform: TestPlatform
let cluster: Cluster
let appId = ''
let closeSockets: (() => Promise<void>)[] = []
const ref = { team: 'acme', project: 'shop', environment: 'production', app: 'watched' } as const

beforeAll(async () => {
  platform = await startTestPlatform({ settings: { limits: { ...DEFAULT_LIMITS, subscriptions: 1000 } } })
  cluster = await connectCluster({ kubeconfigPath: platform.kubeconfigPath })
  await platform.api().app.create.mutate({ ...ref, source: { kind: 'git' } })
  const { client, pool } = platform.database.db
  appId = (await client.app.findFirstOrThrow({ where: { slug: ref.app } })).id
  await pool.query(
    `WITH made AS (INSERT INTO apps (id, "environmentId", slug, "sourceKind", "hostPrefix")
      SELECT gen_random_uuid(), e.id, 'app-' || n, 'git', 'many-' || n FROM environments e, generate_series(1, $1) n
      RETURNING id) SELECT pg_notify('slipway_app', id::text) FROM made`,
    [APPS - 1],
  )
  await waitFor('all apps', async () => platform.stats().apps.apps === APPS)
})
afterAll(async () => {
  for (const close of closeSockets) await close()
  closeSockets = []
  await cluster?.close()
  await platform?.stop()
})

function connect() {
  const headers = { authorization: `Bearer ${platform.account.token}` }
  class Socket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers })
    }
  }
  const client = createWSClient({
    url: `${platform.url.replace(/^http/, 'ws')}/trpc`,
    WebSocket: Socket as unknown as typeof globalThis.WebSocket,
  })
  closeSockets.push(async () => void (await client.close()))
  return createTRPCClient<AppRouter>({ links: [wsLink({ client })] })
}

const NAMESPACE = 'slipway-acme-shop-production'

/** A pod of the app that no node runs, so that what happens to it is ours alone: it says that it is of this release. */
async function applyPod(release: number): Promise<void> {
  const labels = {
    'app.kubernetes.io/managed-by': 'slipway',
    ...{ 'slipway.dev/app': ref.app, 'slipway.dev/process': 'web', 'slipway.dev/release': String(release) },
  }
  const size = { cpu: '1m', memory: '1Mi' }
  const containers = [{ name: 'app', image: 'nobody:1', resources: { requests: size, limits: size } }]
  const annotations = { 'slipway.dev/app-id': appId }
  const metadata = { namespace: NAMESPACE, name: 'watched-by-all', labels, annotations }
  const spec = { schedulerName: 'nobody', containers }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
  await cluster.apply(pod)
}

/** Statements, but for probes of connections, and those that ask for rights, which the clock does. */
function countStatements(): { statements: string[]; stop(): void } {
  const statements: string[] = []
  const original = pg.Client.prototype.query
  const query = function (this: pg.Client, ...args: unknown[]): unknown {
    const [first] = args
    const text = typeof first === 'string' ? first : ((first as { text?: string }).text ?? '')
    if (!/^SELECT 1|memberships|api_tokens|"users"/.test(text)) statements.push(text)
    return Reflect.apply(original, this, args)
  }
  pg.Client.prototype.query = query as typeof original
  return {
    statements,
    stop() {
      pg.Client.prototype.query = original
    },
  }
}

function countDecryptions(): { count(): number; stop(): void } {
  const before = crypto.createDecipheriv
  let count = 0
  crypto.createDecipheriv = ((...args: Parameters<typeof before>) => {
    count++
    return before(...args)
  }) as typeof before
  syncBuiltinESMExports()
  return {
    count: () => count,
    stop() {
      crypto.createDecipheriv = before
      syncBuiltinESMExports()
    },
  }
}

test('100 changes of a pod cost no statement and no decryption, one health each, and are written once for 250 watchers', async () => {
  await waitFor('the namespace', () => cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE }))
  await applyPod(1)
  const sockets = Array.from({ length: SOCKETS }, connect)
  /** Of each watcher of the app: releases that the pod said it was of. */
  const seen = Array.from({ length: APP_WATCHERS }, () => new Set<number>())
  const listed = Array.from({ length: HOME_WATCHERS }, () => 0)
  const apiOf = (n: number) => sockets[n % SOCKETS] ?? connect()
  for (const [n, releases] of seen.entries()) {
    const onData = ({ instanceList }: AppView) => void releases.add(instanceList[0]?.release ?? 0)
    apiOf(n).live.app.subscribe(ref, { onData })
  }
  for (const n of listed.keys()) {
    const onData = ({ changed }: AppListChange) => {
      listed[n] = (listed[n] ?? 0) + changed.length
    }
    apiOf(n).live.apps.subscribe({}, { onData })
  }
  const haveAll = () => Promise.resolve(seen.every((releases) => releases.has(1)) && listed.every((n) => n >= APPS))
  await waitFor('all watchers to have begun', haveAll)

  const sql = countStatements()
  const decryptions = countDecryptions()
  const before = platform.stats().apps
  const last = CHANGES + 1
  for (let release = 2; release <= last; release++) {
    await applyPod(release)
    // Each is to be a change of its own, so it is seen before the next is made.
    while (!seen[0]?.has(release)) await sleep(2)
  }
  await waitFor('everyone to have seen the last change', async () => seen.every((releases) => releases.has(last)))
  const [statements, decrypted] = [[...sql.statements], decryptions.count()]
  const after = platform.stats().apps
  expect(statements).toEqual([])
  expect(decrypted).toBe(0)
  // Nothing of what lists show changed, so nothing was sent for them.
  expect(listed).toEqual(listed.map(() => APPS))
  // The counters count: a release with config is made, decrypted and rendered.
  await platform.api().release.deployImage.mutate({ ...ref, image: 'registry.invalid/none:1' })
  await waitFor('a decryption', async () => decryptions.count() > 0)
  expect(sql.statements.length).toBeGreaterThan(0)
  sql.stop()
  decryptions.stop()
  // The cluster itself has something to say of a pod that no node runs, now and then.
  const changes = after.changes - before.changes
  expect(changes).toBeLessThan(CHANGES * 1.5)
  expect(after.healthComputations - before.healthComputations).toBeLessThanOrEqual(changes)
  expect(after.serialisations - before.serialisations).toBeLessThanOrEqual(2 * changes)
})
