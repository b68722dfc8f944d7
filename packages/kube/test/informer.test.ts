import { afterEach, describe, expect, it } from 'vitest'
import { connectCluster, type Informer, type InformerOptions, type KubeObject, Pods } from '../src/index.ts'
import { startScriptedServer, until } from './scripted-server.ts'
import { WatchStore } from './watch-store.ts'

interface Pod extends KubeObject {
  spec: unknown
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function setup(options: InformerOptions<Pod> = {}, fill: (store: WatchStore) => void = () => undefined) {
  const store = new WatchStore()
  fill(store)
  const server = await startScriptedServer(store.answer)
  const cluster = await connectCluster({ config: server.credentials })
  const informer: Informer<Pod> = cluster.informer<Pod>(Pods, {
    namespace: 'ns',
    backoff: { baseMs: 10, maxMs: 200 },
    indexes: { app: (pod) => [pod.metadata.labels?.app ?? ''] },
    ...options,
  })
  const changes: string[] = []
  informer.onChange((change, object) => changes.push(`${change} ${object.metadata.name}`))
  informer.start()
  cleanups.push(
    () => server.close(),
    () => informer.stop(),
  )
  await informer.synced()
  await until('the watch', () => store.watching === 1)
  return { store, server, informer, changes }
}

const names = (informer: Informer<Pod>) =>
  informer
    .list()
    .map((pod) => pod.metadata.name)
    .sort()

describe('informer', () => {
  it('lists in pages, then follows, with indexes kept', async () => {
    const { store, informer, changes, server } = await setup({}, (fresh) => {
      for (let index = 0; index < 1_200; index += 1) fresh.put(`a${index}`)
    })
    expect(informer.list()).toHaveLength(1_200)
    expect(server.hits.filter((hit) => !hit.url.searchParams.has('watch'))).toHaveLength(3)
    expect(informer.get('ns', 'a7')).toMatchObject({ apiVersion: 'v1', kind: 'Pod' })
    changes.length = 0
    store.put('b1')
    store.put('b1', { nodeName: 'one', volumes: [] })
    store.remove('a0')
    await until('three changes', () => changes.length === 3)
    expect(changes).toEqual(['added b1', 'modified b1', 'deleted a0'])
    expect(informer.byIndex('app', 'b').map((pod) => pod.spec)).toEqual([{ nodeName: 'one' }])
    expect(informer.byIndex('app', 'a')).toHaveLength(1_199)
    expect(() => informer.byIndex('none', '')).toThrow('no index none')
  })

  it('forgets an object as soon as its transform drops it, and takes it back', async () => {
    const transform = (pod: Pod) => (pod.metadata.labels?.app === 'b' ? null : pod)
    const { store, informer, changes } = await setup({ transform }, (fresh) => fresh.put('b1'))
    expect([informer.list(), changes]).toEqual([[], []])
    store.put('b2')
    store.put('a1')
    store.put('a1', {}, { labels: { app: 'b' } })
    store.put('b2', {}, { labels: { app: 'a' } })
    store.remove('b1')
    await until('three changes', () => changes.length === 3)
    expect(changes).toEqual(['added a1', 'deleted a1', 'added b2'])
    expect(names(informer)).toEqual(['b2'])
    expect(informer.byIndex('app', 'a')).toHaveLength(1)
  })

  it('goes on after a reset connection, from where it was, without a new list', async () => {
    const { store, server, informer, changes } = await setup()
    store.put('one')
    await until('one', () => changes.length === 1)
    server.cut()
    store.put('two')
    await until('two', () => changes.length === 2, 15_000)
    expect(changes).toEqual(['added one', 'added two'])
    expect(informer.stats()).toMatchObject({ lists: 1, failures: 1, missedByWatch: 0 })
  })

  it('goes on after a watch that ends in the ordinary way, without counting a failure', async () => {
    const { store, informer, changes } = await setup()
    store.put('one')
    await until('one', () => changes.length === 1)
    store.endWatches()
    store.put('two')
    await until('two', () => changes.length === 2)
    expect(informer.stats()).toMatchObject({ lists: 1, failures: 0, watches: 2 })
  })

  it('lists anew after 410 and tells what went meanwhile', async () => {
    const { store, server, changes, informer } = await setup({}, (fresh) => {
      fresh.put('stays')
      fresh.put('goes')
    })
    changes.length = 0
    store.compactedTo = 10_000
    server.cut()
    store.remove('goes')
    store.put('comes')
    await until('both changes', () => changes.length === 2)
    expect(changes.sort()).toEqual(['added comes', 'deleted goes'])
    store.compactedTo = 0
    await until('a watch', () => store.watching === 1)
    expect(names(informer)).toEqual(['comes', 'stays'])
    expect(informer.stats().lists).toBeGreaterThanOrEqual(2)
  })

  it('outlives refusals with back-off, and says since when it is behind', async () => {
    const { store, server, informer, changes } = await setup()
    store.refusal = { code: 503, reason: 'ServiceUnavailable' }
    server.cut()
    await until('failures', () => informer.stats().failures >= 4)
    const stale = informer.stats()
    expect(stale).toMatchObject({ connected: false, lastError: 'refused' })
    expect(stale.currentAt).toBeLessThanOrEqual(Date.now())
    expect(server.hits.length).toBeLessThan(100)
    store.refusal = null
    store.put('after')
    await until('after', () => changes.length === 1)
    await until('a connection', () => informer.stats().connected)
    expect(informer.stats().lastError).toBeNull()
  })

  it('opens a silent watch anew, and bookmarks count as a sign of life', async () => {
    const { store, informer } = await setup({ silenceMs: 400 })
    const heartbeat = setInterval(() => store.bookmark(), 50)
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect(informer.stats().watches).toBe(1)
    clearInterval(heartbeat)
    await until('another watch', () => informer.stats().watches >= 2)
    expect(informer.stats().lists).toBe(1)
  })

  it('resumes from a bookmark', async () => {
    const { store, server } = await setup()
    store.put('one')
    store.bookmark()
    await until('the bookmark', () => server.hits.length >= 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    server.cut()
    await until('another watch', () => server.hits.length >= 3 && store.watching === 1)
    expect(server.hits.at(-1)?.url.searchParams.get('resourceVersion')).toBe('101')
    expect(server.hits.at(-1)?.url.searchParams.get('allowWatchBookmarks')).toBe('true')
  })

  it.each<[string, string]>([
    ['half a line', '{"type":"ADDED","obj'],
    ['no JSON', 'hello\n'],
    ['an event without a version', '{"type":"ADDED","object":{"metadata":{"name":"x"}}}\n'],
    ['an error of the server', '{"type":"ERROR","object":{"code":500,"reason":"InternalError","message":"oops"}}\n'],
  ])('recovers from %s', async (_what, text) => {
    const { store, informer, changes } = await setup()
    store.raw(text)
    store.endWatches()
    store.put('after')
    await until('after', () => changes.includes('added after'))
    expect(names(informer)).toEqual(['after'])
  })

  it('finds by a resync what the watch did not deliver, and counts it', async () => {
    const { store, informer } = await setup({ resyncMs: 600 })
    store.muted = true
    store.put('lost')
    store.bookmark()
    await until('the resync', () => names(informer).includes('lost'))
    expect(informer.stats().missedByWatch).toBe(1)
  })

  it('never misses or repeats anything while connections are cut at random', async () => {
    const { store, server, informer, changes } = await setup()
    const chaos = setInterval(() => (Math.random() < 0.5 ? server.cut() : store.endWatches()), 25)
    for (let index = 0; index < 300; index += 1) {
      store.put(`p${index % 40}`, { index })
      if (index % 7 === 0) store.remove(`p${(index * 3) % 40}`)
      if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    clearInterval(chaos)
    store.put('last')
    await until('the last', () => informer.get('ns', 'last') !== undefined, 20_000)
    expect(names(informer)).toEqual([...store.objects.keys()].sort())
    for (const pod of informer.list())
      expect(pod.metadata.resourceVersion).toBe(store.objects.get(pod.metadata.name)?.metadata.resourceVersion)
    expect(informer.stats().missedByWatch).toBe(0)
    const adds = changes.filter((change) => change.startsWith('added')).length
    const deletes = changes.filter((change) => change.startsWith('deleted')).length
    expect(adds - deletes).toBe(store.objects.size)
  })

  it('stops at once, in whatever state it is', async () => {
    const { informer, store, server } = await setup()
    store.refusal = { code: 500, reason: 'InternalError' }
    server.cut()
    await until('a failure', () => informer.stats().failures > 0)
    const startedAt = Date.now()
    await informer.stop()
    expect(Date.now() - startedAt).toBeLessThan(10_000)
    const before = server.hits.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    // One may have been on its way when it stopped.
    expect(server.hits.length).toBeLessThanOrEqual(before + 1)
  })
})
