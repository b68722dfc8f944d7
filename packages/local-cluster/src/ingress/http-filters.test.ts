import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../node/testing/cluster.ts'
import { type RouteCluster, startRouteCluster } from './testing/route-cluster.ts'

let at: RouteCluster
beforeAll(async () => {
  at = await startRouteCluster()
  for (const name of ['one', 'two', 'three']) await at.startBackend(name)
})
afterAll(() => at?.stop())

const to = (name: string, more: object = {}) => ({ name, port: 80, ...more })

test('refuses filters that do not go together', async () => {
  const refused = async (rule: object) => {
    const answer = at.route('refused', [rule]).then(
      () => 'accepted',
      (error: unknown) => String(error),
    )
    return answer
  }
  const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }
  const strip = { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }
  const rewrite = { type: 'URLRewrite', urlRewrite: strip }
  expect(await refused({ filters: [redirect], backendRefs: [to('one')] })).toContain(
    'spec.rules[0]: Invalid value: RequestRedirect filter must not be used together with backendRefs',
  )
  expect(await refused({ filters: [redirect, rewrite] })).toContain(
    'spec.rules[0].filters: Invalid value: May specify either',
  )
  expect(await refused({ filters: [rewrite, rewrite] })).toContain('URLRewrite filter cannot be repeated')
  expect(await refused({ matches: [{ path: { type: 'Exact', value: '/a' } }], filters: [rewrite] })).toContain(
    'When using URLRewrite filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified',
  )
  expect(await refused({ filters: [{ type: 'URLRewrite' }] })).toContain(
    'spec.rules[0].filters[0]: Invalid value: filter.urlRewrite must be specified for URLRewrite filter.type',
  )
  expect(await refused({ matches: Array.from({ length: 65 }, () => ({})) })).toContain(
    'spec.rules[0].matches: Too many: 65: must have at most 64 items',
  )
})

test('requests and answers get the headers that filters say', async () => {
  const request = {
    set: [{ name: 'X-Set', value: 'new' }],
    add: [{ name: 'x-add', value: 'more' }],
    remove: ['X-Gone'],
  }
  const response = {
    set: [{ name: 'X-Set', value: 'answer' }],
    add: [{ name: 'X-From', value: 'edge' }],
    remove: ['x-secret'],
  }
  const filters = [
    { type: 'RequestHeaderModifier', requestHeaderModifier: request },
    { type: 'ResponseHeaderModifier', responseHeaderModifier: response },
  ]
  const own = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-backend', value: 'two' }] } }]
  await at.route('headers', [{ filters, backendRefs: [to('one', { weight: 0 }), to('two', { filters: own })] }])
  const got = await at.ask('headers.localhost', '/', { headers: { 'x-set': 'old', 'x-add': 'some', 'x-gone': 'x' } })
  expect(got.asked?.headers).toMatchObject({ 'x-set': 'new', 'x-add': 'some, more', 'x-backend': 'two' })
  expect(got.asked?.headers).not.toHaveProperty('x-gone')
  expect(got.headers).toMatchObject({ 'x-set': 'answer', 'x-from': 'two, edge' })
  expect(got.headers).not.toHaveProperty('x-secret')
})

test('paths and hosts are rewritten', async () => {
  const prefix = (value: string, replacePrefixMatch: string) => ({
    matches: [{ path: { type: 'PathPrefix', value } }],
    filters: [{ type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch } } }],
    backendRefs: [to('one')],
  })
  const full = { path: { type: 'ReplaceFullPath', replaceFullPath: '/whole' }, hostname: 'inner.example' }
  await at.route('rewrite', [
    prefix('/foo', '/xyz'),
    prefix('/strip', '/'),
    prefix('/empty/', ''),
    {
      matches: [{ path: { value: '/full' } }],
      filters: [{ type: 'URLRewrite', urlRewrite: full }],
      backendRefs: [to('one')],
    },
  ])
  const url = async (path: string) => (await at.ask('rewrite.localhost', path)).asked?.url
  expect(await url('/foo/bar?q=1')).toBe('/xyz/bar?q=1')
  expect(await url('/foo')).toBe('/xyz')
  expect(await url('/foo/')).toBe('/xyz/')
  expect(await url('/strip/bar')).toBe('/bar')
  expect(await url('/strip')).toBe('/')
  expect(await url('/empty/a')).toBe('/a')
  expect(await url('/full/of/it?x=y')).toBe('/whole?x=y')
  const { asked } = await at.ask('rewrite.localhost', '/full')
  expect(asked?.headers).toMatchObject({ host: 'inner.example', 'x-forwarded-host': 'rewrite.localhost' })
})

test('a connection that is to be upgraded is rewritten, too, and keeps its other headers as they were', async () => {
  const filters = [
    { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/in' } } },
    {
      type: 'RequestHeaderModifier',
      requestHeaderModifier: { set: [{ name: 'x-set', value: 'new' }], remove: ['x-gone'] },
    },
  ]
  await at.route('upgrade', [{ matches: [{ path: { value: '/out' } }], filters, backendRefs: [to('one')] }])
  const head = ['GET /out/ws?a=1 HTTP/1.1', 'Host: upgrade.localhost', 'Connection: Upgrade', 'Upgrade: websocket']
  const socket = connect(at.cluster.ingress.port, '127.0.0.1')
  socket.write(`${[...head, 'X-Set: old', 'X-Gone: x', 'Sec-WebSocket-Key: Abc='].join('\r\n')}\r\n\r\n`)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  await until('it is answered', async () => text.includes('}'))
  socket.destroy()
  const asked = at.seen.findLast(({ url }) => url === '/in/ws?a=1')
  expect(asked?.headers).toMatchObject({ upgrade: 'websocket', 'x-set': 'new', 'sec-websocket-key': 'Abc=' })
  expect(asked?.headers).not.toHaveProperty('x-gone')
})

test('redirects say where to go', async () => {
  const rule = (value: string, requestRedirect: object) => ({
    matches: [{ path: { type: 'PathPrefix', value } }],
    filters: [{ type: 'RequestRedirect', requestRedirect }],
  })
  await at.route('go', [
    rule('/secure', { scheme: 'https' }),
    rule('/away', { hostname: 'example.com', statusCode: 301 }),
    rule('/port', { port: 8443, scheme: 'https' }),
    rule('/plain', { port: 80 }),
    rule('/old', { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' }, statusCode: 308 }),
    rule('/full', { path: { type: 'ReplaceFullPath', replaceFullPath: '/else' } }),
  ])
  const go = async (path: string) => {
    const { status, headers } = await at.ask('go.localhost:7070', path)
    return [status, headers.location]
  }
  expect(await go('/secure?q=1')).toEqual([302, 'https://go.localhost/secure?q=1'])
  expect(await go('/away/x')).toEqual([301, 'http://example.com:7070/away/x'])
  expect(await go('/port')).toEqual([302, 'https://go.localhost:8443/port'])
  expect(await go('/plain')).toEqual([302, 'http://go.localhost/plain'])
  expect(await go('/old/a')).toEqual([308, 'http://go.localhost:7070/new/a'])
  expect(await go('/full/a?q')).toEqual([302, 'http://go.localhost:7070/else?q'])
})

test('a mirror gets a copy, body and all, and its absence is not noticed', async () => {
  const mirror = (name: string, more = {}) => ({
    type: 'RequestMirror',
    requestMirror: { backendRef: to(name), ...more },
  })
  await at.route('copy', [{ filters: [mirror('two'), mirror('three', { percent: 0 })], backendRefs: [to('one')] }])
  at.seen.length = 0
  const body = 'x'.repeat(300_000)
  const { asked } = await at.ask('copy.localhost', '/copied', { method: 'POST', body })
  expect(asked).toMatchObject({ by: 'one', body })
  await until('the copy has come', async () => at.seen.some((each) => each.by === 'two' && each.body === body))
  expect(at.seen.map((each) => each.by).sort()).toEqual(['one', 'two'])
  expect(at.seen.every(({ url, method }) => url === '/copied' && method === 'POST')).toBe(true)
})
