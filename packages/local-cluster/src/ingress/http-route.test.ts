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

test('a route that asks for what is not there is not taken, and says so', async () => {
  const rules: [object, string][] = [
    [{ matches: [{ path: { type: 'RegularExpression', value: '/v[0-9]+' } }] }, 'regular expressions'],
    [{ filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'inner.example' } }] }, 'filters of type URLRewrite'],
    [{ timeouts: { request: '10s' } }, 'timeouts'],
  ]
  for (const [index, [rule, what]] of rules.entries()) {
    const name = `beyond-${index}`
    await at.route(name, [{ backendRefs: [to('one')] }, { ...rule, backendRefs: [to('one')] }])
    expect(await at.condition(name, 'Accepted')).toMatchObject({
      status: 'False',
      reason: 'UnsupportedValue',
      message: `rule 2: ${what} are not supported`,
    })
    expect(await by(`${name}.localhost`)).toBe(404)
  }
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

test('what cannot be sent anywhere is 500, in its share', async () => {
  await at.route('half', [{ backendRefs: [to('one'), to('nobody')] }])
  const answers = []
  for (let index = 0; index < 10; index += 1) answers.push(await by('half.localhost'))
  expect(answers.filter((answer) => answer === 500)).toHaveLength(5)
  await at.route('none', [{ backendRefs: [] }])
  expect(await by('none.localhost')).toBe(500)
})
