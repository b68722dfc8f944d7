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
/** The backend that answered. */
const by = async (...args: Parameters<RouteCluster['ask']>) => {
  const { asked, status } = await at.ask(...args)
  return asked?.by ?? status
}

test('regular expressions of paths, headers and parameters match the whole', async () => {
  await at.route('patterns', [
    { matches: [{ path: { type: 'RegularExpression', value: '/v[0-9]+/.*' } }], backendRefs: [to('two')] },
    {
      matches: [{ headers: [{ type: 'RegularExpression', name: 'X-Who', value: '(anna|ben).*' }] }],
      backendRefs: [to('two')],
    },
    {
      matches: [{ queryParams: [{ type: 'RegularExpression', name: 'v', value: '\\d+' }] }],
      backendRefs: [to('three')],
    },
    { backendRefs: [to('one')] },
  ])
  const host = 'patterns.localhost'
  expect(await by(host, '/v12/users')).toBe('two')
  expect(await by(host, '/api/v12/users')).toBe('one')
  expect(await by(host, '/', { headers: { 'x-who': 'anna' } })).toBe('two')
  expect(await by(host, '/', { headers: { 'x-who': 'not anna' } })).toBe('one')
  expect(await by(host, '/?v=42')).toBe('three')
  expect(await by(host, '/?v=4x')).toBe('one')
  expect(await by(host, '/')).toBe('one')
})

test('a regular expression that makes others hang does not hang the ingress, and one that is too large is left out', async () => {
  await at.route('evil', [
    { matches: [{ path: { type: 'RegularExpression', value: '/(a+)+(a|a)*((.*)*)*b' } }], backendRefs: [to('two')] },
    { matches: [{ path: { type: 'RegularExpression', value: '/((x{0,30}){0,30}|y)' } }], backendRefs: [to('two')] },
    { matches: [{ path: { type: 'RegularExpression', value: '/(' } }], backendRefs: [to('two')] },
    { backendRefs: [to('one')] },
  ])
  const startMs = performance.now()
  expect(await by('evil.localhost', `/${'a'.repeat(8_000)}`)).toBe('one')
  expect(performance.now() - startMs).toBeLessThan(5_000)
  expect(await at.condition('evil', 'Accepted')).toMatchObject({ status: 'True' })
  const partly = await at.condition('evil', 'PartiallyInvalid')
  expect(partly).toMatchObject({ status: 'True', reason: 'UnsupportedValue' })
  expect(partly?.message).toMatch(/^Dropped Rule: rule 2: .*too large.*rule 3: .*missing closing \)/)
  await at.route('lost', [{ matches: [{ path: { type: 'RegularExpression', value: '[' } }], backendRefs: [to('two')] }])
  expect(await at.condition('lost', 'Accepted')).toMatchObject({ status: 'False', reason: 'UnsupportedValue' })
})

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

test('the patterns of a route are bounded together', async () => {
  const rule = (index: number) => ({
    matches: [{ path: { type: 'RegularExpression', value: `/${index}/(a|b){0,100}` } }],
    backendRefs: [to('two')],
  })
  await at.route(
    'many',
    Array.from({ length: 16 }, (_, index) => rule(index)),
  )
  expect(await by('many.localhost', '/0/ab')).toBe('two')
  const { message = '' } = (await at.condition('many', 'PartiallyInvalid')) ?? {}
  expect(message).toContain("the route's regular expressions are too large together")
})

test('precedence: exact, longest prefix, method, headers, parameters, the older route', async () => {
  const header = (name: string) => ({ name, value: '1' })
  await at.route('order', [
    { matches: [{ path: { type: 'PathPrefix', value: '/a' } }], backendRefs: [to('one')] },
    { matches: [{ path: { type: 'PathPrefix', value: '/a/b' } }], backendRefs: [to('two')] },
    { matches: [{ path: { type: 'Exact', value: '/a/b/c' } }], backendRefs: [to('three')] },
    { matches: [{ path: { value: '/m' }, queryParams: [header('q')] }], backendRefs: [to('one')] },
    { matches: [{ path: { value: '/m' }, headers: [header('h')] }], backendRefs: [to('two')] },
    { matches: [{ path: { value: '/m' }, headers: [header('h'), header('i')] }], backendRefs: [to('one')] },
    { matches: [{ path: { value: '/m' }, method: 'PUT' }], backendRefs: [to('three')] },
    { matches: [{ path: { value: '/same' } }], backendRefs: [to('one')] },
    { matches: [{ path: { value: '/same' } }], backendRefs: [to('two')] },
  ])
  const host = 'order.localhost'
  expect(await by(host, '/a/x')).toBe('one')
  expect(await by(host, '/ab')).toBe(404)
  expect(await by(host, '/a/b/c/')).toBe('two')
  expect(await by(host, '/a/b/c')).toBe('three')
  expect(await by(host, '/m?q=1', { headers: { h: '1' } })).toBe('two')
  expect(await by(host, '/m?q=1', { headers: { h: '1', i: '1' } })).toBe('one')
  expect(await by(host, '/m?q=1', { method: 'PUT', headers: { h: '1', i: '1' } })).toBe('three')
  expect(await by(host, '/same')).toBe('one')
  // A second route of the host adds to it; of equals the first made stays first.
  await at.route(
    'zzz',
    [{ matches: [{ path: { value: '/same' } }, { path: { value: '/new' } }], backendRefs: [to('three')] }],
    {
      hostnames: [host],
    },
  )
  expect(await by(host, '/new')).toBe('three')
  expect(await by(host, '/same')).toBe('one')
})

test('the exact host goes before a wildcard, the narrower wildcard before the wider', async () => {
  await at.route('any', [{ backendRefs: [to('one')] }], { hostnames: ['*.deep.localhost'] })
  await at.route('narrow', [{ backendRefs: [to('two')] }], { hostnames: ['*.very.deep.localhost'] })
  await at.route('exact', [{ backendRefs: [to('three')] }], { hostnames: ['a.very.deep.localhost'] })
  expect(await by('x.deep.localhost')).toBe('one')
  expect(await by('b.very.deep.localhost')).toBe('two')
  expect(await by('A.very.deep.localhost')).toBe('three')
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

test('an answer that takes longer than its route allows is 504', async () => {
  const rule = (value: string, timeouts: object) => ({
    matches: [{ path: { value } }],
    timeouts,
    backendRefs: [to('one')],
  })
  await at.route('late', [
    rule('/slow/request', { request: '200ms' }),
    rule('/slow/backend', { request: '1h', backendRequest: '200ms' }),
    rule('/', { request: '0s' }),
  ])
  expect((await at.ask('late.localhost', '/slow/request')).status).toBe(504)
  expect((await at.ask('late.localhost', '/slow/backend')).status).toBe(504)
  expect(await by('late.localhost', '/')).toBe('one')
})

test('what cannot be sent anywhere is 500, in its share', async () => {
  await at.route('half', [{ backendRefs: [to('one'), to('nobody')] }])
  const answers = []
  for (let index = 0; index < 10; index += 1) answers.push(await by('half.localhost'))
  expect(answers.filter((answer) => answer === 500)).toHaveLength(5)
  await at.route('none', [{ backendRefs: [] }])
  expect(await by('none.localhost')).toBe(500)
  const filters = [{ type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Filter', name: 'x' } }]
  await at.route('extended', [{ filters, backendRefs: [to('one')] }])
  expect(await by('extended.localhost')).toBe(500)
  expect(await at.condition('extended', 'ResolvedRefs')).toMatchObject({ status: 'False', reason: 'InvalidKind' })
})
