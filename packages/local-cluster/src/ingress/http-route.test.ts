import { afterAll, beforeAll, expect, test } from 'vitest'
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
