import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, pick, startTestApi, type TestApi, testToken } from '../../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi({ historyLimit: 40, watchLimits: { bookmarkIntervalMs: 100 } })
})
afterAll(() => api.stop())

const maps = '/api/v1/namespaces/default/configmaps'

interface Watch {
  events: unknown[]
  ended: Promise<void>
  stop(): void
}

async function watch(query: string, path = maps): Promise<Watch> {
  const abort = new AbortController()
  const response = await fetch(`${api.server.plainUrl}${path}?watch=1&${query}`, {
    headers: { authorization: `Bearer ${testToken}` },
    signal: abort.signal,
  })
  expect(response.status).toBe(200)
  const events: unknown[] = []
  const read = async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) events.push(JSON.parse(line))
    }
  }
  const ended = read().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error
  })
  return { events, ended, stop: () => abort.abort() }
}

function summary(events: unknown[]): string[] {
  return events.map((event) => `${pick(event, 'type')} ${pick(event, 'object.metadata.name')}`)
}

function create(name: string, labels: Record<string, string> = {}) {
  return api.request('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels } })
}

function label(name: string, labels: Record<string, string | null>) {
  const headers = { 'content-type': 'application/merge-patch+json' }
  return api.request('PATCH', `${maps}/${name}`, { metadata: { labels } }, headers)
}

async function currentVersion(): Promise<string> {
  return String(pick((await api.request('GET', maps)).body, 'metadata.resourceVersion'))
}

describe('watch', () => {
  test('continues where a list or an earlier watch ended', async () => {
    const version = await currentVersion()
    await create('one')
    const first = await watch(`resourceVersion=${version}`)
    await create('two')
    await eventually(async () => first.events.length === 2)
    expect(summary(first.events)).toEqual(['ADDED one', 'ADDED two'])
    first.stop()
    const seen = pick(first.events[1], 'object.metadata.resourceVersion')
    await api.request('DELETE', `${maps}/one`)
    const second = await watch(`resourceVersion=${seen}`)
    await eventually(async () => second.events.length === 1)
    expect(summary(second.events)).toEqual(['DELETED one'])
    expect(Number(pick(second.events[0], 'object.metadata.resourceVersion'))).toBeGreaterThan(Number(seen))
    second.stop()
    await api.request('DELETE', `${maps}/two`)
  })

  test('begins with what exists where no version is named', async () => {
    await create('here', { side: 'a' })
    const found = await watch('labelSelector=side%3Da')
    await create('later', { side: 'a' })
    await eventually(async () => found.events.length === 2)
    expect(summary(found.events)).toEqual(['ADDED here', 'ADDED later'])
    found.stop()
  })

  test('sees objects that start and stop matching as added and deleted', async () => {
    const found = await watch(`labelSelector=moving%3Dyes&resourceVersion=${await currentVersion()}`)
    await create('mover')
    await label('mover', { moving: 'yes' })
    await label('mover', { more: '1' })
    const left = await label('mover', { moving: null })
    await eventually(async () => found.events.length === 3)
    expect(summary(found.events)).toEqual(['ADDED mover', 'MODIFIED mover', 'DELETED mover'])
    // The last state that matched, at the version of the change.
    expect(pick(found.events[2], 'object.metadata.labels')).toEqual({ moving: 'yes', more: '1' })
    expect(pick(found.events[2], 'object.metadata.resourceVersion')).toBe(pick(left.body, 'metadata.resourceVersion'))
    found.stop()
  })

  test('sends bookmarks with a version that can be resumed from', async () => {
    const found = await watch(`resourceVersion=${await currentVersion()}&allowWatchBookmarks=true`)
    await eventually(async () => found.events.length > 0)
    expect(found.events[0]).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } })
    expect(pick(found.events[0], 'object.metadata.resourceVersion')).toMatch(/^\d+$/)
    found.stop()
  })

  test('streams a list with sendInitialEvents and marks its end', async () => {
    const query =
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&labelSelector=side%3Da'
    const found = await watch(query)
    await eventually(async () => found.events.some((event) => pick(event, 'type') === 'BOOKMARK'))
    expect(summary(found.events).slice(0, 2)).toEqual(['ADDED here', 'ADDED later'])
    expect(found.events[2]).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    found.stop()
  })

  test('answers 410 for a version whose events are gone', async () => {
    const old = await currentVersion()
    for (let i = 0; i < 60; i += 1) await label('here', { turn: String(i) })
    const found = await watch(`resourceVersion=${old}`)
    await found.ended
    expect(found.events).toHaveLength(1)
    expect(found.events[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired', kind: 'Status' } })
    expect(pick(found.events[0], 'object.message')).toMatch(new RegExp(`^too old resource version: ${old} \\(\\d+\\)$`))
  })

  test('answers 410 for a version that was never given out', async () => {
    const found = await watch('resourceVersion=999999999')
    await found.ended
    expect(pick(found.events[0], 'object.code')).toBe(410)
  })

  test('ends after timeoutSeconds', async () => {
    const found = await watch(`timeoutSeconds=1&resourceVersion=${await currentVersion()}`)
    await found.ended
    expect(found.events).toEqual([])
  })
})

describe('list', () => {
  test('gives pages of one moment, whatever is written in between', async () => {
    const pods = '/api/v1/namespaces/paged/configmaps'
    await api.request('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'paged' },
    })
    for (const name of ['a', 'b', 'c', 'd']) {
      await api.request('POST', pods, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
    }
    const first = await api.request('GET', `${pods}?limit=2`)
    expect(pick(first.body, 'metadata.remainingItemCount')).toBe(3)
    await api.request('DELETE', `${pods}/c`)
    await api.request('POST', pods, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bb' } })
    const next = await api.request('GET', `${pods}?limit=9&continue=${pick(first.body, 'metadata.continue')}`)
    const names = [first, next].flatMap((page) =>
      (pick(page.body, 'items') as unknown[]).map((item) => pick(item, 'metadata.name')),
    )
    expect(names).toEqual(['a', 'b', 'c', 'd', 'kube-root-ca.crt'])
    expect(pick(next.body, 'metadata.resourceVersion')).toBe(pick(first.body, 'metadata.resourceVersion'))
    expect(pick(next.body, 'metadata.continue')).toBeUndefined()
  })

  test('says 410 with a token to go on with when that moment is forgotten', async () => {
    const first = await api.request('GET', `${maps}?limit=1`)
    for (let i = 0; i < 60; i += 1) await label('here', { turn: `again-${i}` })
    const next = await api.request('GET', `${maps}?limit=1&continue=${pick(first.body, 'metadata.continue')}`)
    expect(next.status).toBe(410)
    const fresh = await api.request('GET', `${maps}?limit=1&continue=${pick(next.body, 'metadata.continue')}`)
    expect(fresh.status).toBe(200)
    expect(pick(fresh.body, 'items')).toHaveLength(1)
  })

  test('selects by labels and fields', async () => {
    await create('red', { color: 'red', size: '3' })
    await create('blue', { color: 'blue' })
    const names = async (query: string) => {
      const { body } = await api.request('GET', `${maps}?${query}`)
      return (pick(body, 'items') as unknown[]).map((item) => pick(item, 'metadata.name'))
    }
    expect(await names(`labelSelector=${encodeURIComponent('color in (red, blue),!size')}`)).toEqual(['blue'])
    expect(await names(`labelSelector=${encodeURIComponent('color!=red,color')}`)).toEqual(['blue'])
    expect(await names(`labelSelector=${encodeURIComponent('size>2')}`)).toEqual(['red'])
    expect(await names(`labelSelector=${encodeURIComponent('color notin (blue),color')}`)).toEqual(['red'])
    expect(await names('fieldSelector=metadata.name%3Dred')).toEqual(['red'])
    const bad = await api.request('GET', `${maps}?fieldSelector=data%3Dx`)
    expect(bad.status).toBe(400)
  })
})
