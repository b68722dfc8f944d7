import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createMetrics } from '../src/metrics/instruments.ts'
import { serveMetrics } from '../src/metrics/serve.ts'
import { createWorkTree, type WorkTree } from '../src/testing/git-client.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start.ts'
import { waitFor } from '../src/testing/wait.ts'

// Whole deploys, on machines that are busy with others: only what hangs may fail.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let platform: TestPlatform
let tree: WorkTree
beforeAll(async () => {
  platform = await startTestPlatform({ settings: { metricsPort: 0 } })
})
afterAll(async () => {
  await tree?.remove()
  await platform?.stop()
})

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

async function scrape(): Promise<Sample[]> {
  const answer = await fetch(`${platform.metricsUrl}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  return (await answer.text())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text])
      return { name, labels: Object.fromEntries(pairs), value: Number(value) }
    })
}

function sumOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number {
  const matching = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
  return matching.reduce((sum, { value }) => sum + value, 0)
}

test('a build and its requests are counted, and no label says whose they are', async () => {
  const ref = { ...platform.environment, app: 'zanzibar' }
  await platform.api().app.create.mutate({ ...ref, source: { kind: 'git' } })
  tree = await createWorkTree({ 'index.html': '<h1>zanzibar</h1>' })
  const { exitCode, output } = await tree.git('push', platform.gitUrl('zanzibar'), 'main')
  expect(exitCode, output).toBe(0)
  const samples = await waitFor('the build to be counted', async () => {
    const found = await scrape()
    if (sumOf(found, 'slipway_builds_total', { outcome: 'succeeded' }) === 1) return found
    throw new Error('not counted yet')
  })
  expect(sumOf(samples, 'slipway_builds_total', { strategy: 'native', outcome: 'succeeded' })).toBe(1)
  expect(sumOf(samples, 'slipway_build_duration_seconds_count', { outcome: 'succeeded' })).toBe(1)
  expect(sumOf(samples, 'slipway_build_duration_seconds_sum')).toBeGreaterThan(0)
  expect(sumOf(samples, 'slipway_http_requests_total', { route: 'api', code: '200' })).toBeGreaterThan(3)
  expect(sumOf(samples, 'slipway_http_requests_total', { route: 'git' })).toBeGreaterThan(0)
  expect(sumOf(samples, 'slipway_leader')).toBe(1)
  for (const controller of ['app', 'build', 'environment']) {
    expect(sumOf(samples, 'slipway_controller_reconciles_total', { controller, result: 'success' })).toBeGreaterThan(0)
    expect(sumOf(samples, 'slipway_controller_queue_duration_seconds_count', { controller })).toBeGreaterThan(0)
    expect(sumOf(samples, 'slipway_controller_reconcile_duration_seconds_count', { controller })).toBeGreaterThan(0)
  }
  for (const { name, labels } of samples.filter((each) => each.name.startsWith('slipway_')))
    for (const value of Object.values(labels)) expect(value, name).not.toMatch(/zanzibar|acme|shop|production|ada@/)
})

test('informers, the pool and the event loop are there', async () => {
  // A watch that is opened anew is not connected for a moment.
  const samples = await waitFor('the watch of pods', async () => {
    const found = await scrape()
    if (sumOf(found, 'slipway_informer_connected', { informer: 'pods' }) === 1) return found
    throw new Error('not connected')
  })
  expect(sumOf(samples, 'slipway_informer_watches_total', { informer: 'pods' })).toBeGreaterThan(0)
  expect(sumOf(samples, 'slipway_informer_missed_total')).toBe(0)
  expect(sumOf(samples, 'slipway_informer_objects', { informer: 'namespaces' })).toBeGreaterThan(0)
  expect(sumOf(samples, 'slipway_database_connections')).toBeGreaterThan(0)
  expect(sumOf(samples, 'slipway_database_connections_max')).toBe(20)
  const names = new Set(samples.map(({ name }) => name))
  for (const name of [
    'slipway_controller_keys',
    'slipway_subscriptions',
    'slipway_websockets',
    'slipway_pushes',
    'slipway_database_waiting',
    'nodejs_eventloop_lag_p99_seconds',
    'process_resident_memory_bytes',
  ])
    expect(names).toContain(name)
})

test('what strangers ask for makes no new series', async () => {
  const series = async () =>
    (await scrape()).filter(({ name }) => name === 'slipway_http_requests_total').map(({ labels }) => labels)
  for (const path of ['/a', '/b/c', '/%00', '/trpc/no.such', '/hooks/x', '/git/x/y'])
    await fetch(`${platform.url}${path}`, { redirect: 'manual' })
  const known = ['api', 'git', 'hooks', 'internal', 'health', 'pages']
  for (const { route, code } of await series()) {
    expect(known).toContain(route)
    expect(code).toMatch(/^[2-5]\d\d$/)
  }
})

test('the public origin has no metrics, and the listener nothing else', async () => {
  const outside = await fetch(`${platform.url}/metrics`, { redirect: 'manual' })
  expect(await outside.text()).not.toContain('slipway_leader')
  for (const path of ['/', '/readyz', '/trpc/app.list', '/metrics/x'])
    expect((await fetch(`${platform.metricsUrl}${path}`)).status).toBe(404)
  expect((await fetch(`${platform.metricsUrl}/metrics`, { method: 'POST' })).status).toBe(404)
})

test('a port that is taken is named', async () => {
  const port = Number(new URL(platform.metricsUrl ?? '').port)
  const sources = {
    leading: () => false,
    controllers: () => ({}),
    informers: () => ({}),
    pool: { totalCount: 0, idleCount: 0, waitingCount: 0, options: { max: 0 } },
    sockets: () => 0,
    apps: () => ({ listeners: 0 }),
    hub: () => ({ logStreams: 0 }),
    buildLogs: () => ({ followers: 0, droppedLines: 0 }),
    pushes: () => 0,
  }
  await expect(serveMetrics({ host: '127.0.0.1', port }, createMetrics(), sources)).rejects.toThrow(
    `The port ${port} of SLIPWAY_METRICS_PORT is taken. Name another one.`,
  )
})
