import { afterAll, beforeAll, expect, test } from 'vitest'
import { GATEWAY_API, gateway, type RouteCluster, startRouteCluster } from '../ingress/testing/route-cluster.ts'
import { until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import { call, path } from './testing/http.ts'

let at: RouteCluster
beforeAll(async () => {
  at = await startRouteCluster()
  await at.startBackend('one')
})
afterAll(() => at?.stop())

const gateways = path(GATEWAY_API, 'gateways')
const to = (name: string, more: object = {}) => ({ name, port: 80, ...more })
const said = async (name: string, type: string) => {
  const { status, reason, message } = (await at.condition(name, type)) ?? {}
  return [status, reason, message]
}

async function listenerOf(name: string, listener: string) {
  const listeners = pick(await call(at.cluster, 'GET', `${gateways}/${name}`), 'status.listeners') ?? []
  return (listeners as { name: string; attachedRoutes: number; conditions: { type: string; reason: string }[] }[]).find(
    (each) => each.name === listener,
  )
}

test('why a Gateway does not take a route', async () => {
  await call(at.cluster, 'POST', gateways, {
    body: gateway('choosy', [
      { name: 'shop', port: 80, protocol: 'HTTP', hostname: '*.shop.example' },
      { name: 'raw', port: 81, protocol: 'TCP' },
      { name: 'grpc', port: 82, protocol: 'HTTP', allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } },
    ]),
  })
  const rules = [{ backendRefs: [to('one')] }]
  const parent = (more: object) => ({ parentRefs: [{ name: 'choosy', ...more }] })
  await at.route('unnamed', rules, parent({ sectionName: 'nothing' }))
  await at.route('unport', rules, parent({ port: 8080 }))
  await at.route('unhost', rules, { ...parent({ sectionName: 'shop' }), hostnames: ['a.other.example'] })
  await at.route('raw', rules, parent({ sectionName: 'raw' }))
  await at.route('kind', rules, parent({ sectionName: 'grpc' }))
  await at.route('good', rules, { ...parent({}), hostnames: ['a.shop.example'] })
  expect(await said('unnamed', 'Accepted')).toEqual(['False', 'NoMatchingParent', expect.any(String)])
  expect(await said('unport', 'Accepted')).toEqual(['False', 'NoMatchingParent', expect.any(String)])
  expect(await said('unhost', 'Accepted')).toEqual(['False', 'NoMatchingListenerHostname', expect.any(String)])
  expect(await said('raw', 'Accepted')).toEqual(['False', 'NotAllowedByListeners', expect.any(String)])
  expect(await said('kind', 'Accepted')).toEqual(['False', 'NotAllowedByListeners', expect.any(String)])
  expect(await said('good', 'Accepted')).toEqual(['True', 'Accepted', ''])
  await until('the listener counts one route', async () => (await listenerOf('choosy', 'shop'))?.attachedRoutes === 1)
  const reasons = async (name: string) =>
    Object.fromEntries(((await listenerOf('choosy', name))?.conditions ?? []).map(({ type, reason }) => [type, reason]))
  expect(await reasons('shop')).toMatchObject({ Accepted: 'Accepted', ResolvedRefs: 'ResolvedRefs' })
  expect(await reasons('raw')).toMatchObject({ Accepted: 'UnsupportedProtocol' })
  expect(await reasons('grpc')).toMatchObject({ ResolvedRefs: 'InvalidRouteKinds' })
  expect((await at.ask('a.shop.example')).asked?.by).toBe('one')
  await call(at.cluster, 'DELETE', `${path(GATEWAY_API, 'httproutes')}/good`)
  await until('the listener counts none', async () => (await listenerOf('choosy', 'shop'))?.attachedRoutes === 0)
  expect((await at.ask('a.shop.example')).status).toBe(404)
})

test('what a route refers to must be there, of a known kind, and near', async () => {
  await at.route('foreign', [{ backendRefs: [{ group: 'example.com', kind: 'Bucket', name: 'x' }] }])
  await at.route('distant', [{ backendRefs: [to('one', { namespace: 'default' })] }])
  await at.route('absent', [{ backendRefs: [to('late')] }])
  await at.route('closed', [{ backendRefs: [{ name: 'one', port: 81 }] }])
  expect(await said('foreign', 'ResolvedRefs')).toEqual(['False', 'InvalidKind', expect.stringContaining('Bucket')])
  expect(await said('distant', 'ResolvedRefs')).toEqual([
    'False',
    'RefNotPermitted',
    expect.stringContaining('default/one'),
  ])
  expect(await said('absent', 'ResolvedRefs')).toEqual(['False', 'BackendNotFound', 'Service late not found'])
  expect(await said('closed', 'ResolvedRefs')).toEqual(['False', 'BackendNotFound', 'Service one has no port 81'])
  for (const name of ['foreign', 'distant', 'absent', 'closed']) {
    expect((await at.ask(`${name}.localhost`)).status).toBe(500)
  }
  await at.startBackend('late')
  await until('the route is told of its Service', async () => (await said('absent', 'ResolvedRefs'))[0] === 'True')
  await until('it is served', async () => (await at.ask('absent.localhost')).asked?.by === 'late')
})

test('a listener takes routes of the namespaces that it says', async () => {
  const labels = { stage: 'production' }
  for (const [name, more] of [
    ['near', {}],
    ['far', { labels }],
  ] as const) {
    await call(at.cluster, 'POST', '/api/v1/namespaces', {
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...more } },
    })
  }
  const selector = { from: 'Selector', selector: { matchLabels: labels } }
  await call(at.cluster, 'POST', gateways, {
    body: gateway('shared', [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: selector } }]),
  })
  // A rule without a backend answers 500, a host without a route 404.
  const rules = [{ backendRefs: [] }]
  for (const namespace of ['near', 'far']) {
    const spec = { parentRefs: [{ name: 'shared', namespace: 'test' }], hostnames: [`${namespace}.example`], rules }
    await call(at.cluster, 'POST', `/apis/${GATEWAY_API}/namespaces/${namespace}/httproutes`, {
      body: { apiVersion: GATEWAY_API, kind: 'HTTPRoute', metadata: { name: 'web' }, spec },
    })
  }
  const reason = async (namespace: string) => {
    const route = await call(at.cluster, 'GET', `/apis/${GATEWAY_API}/namespaces/${namespace}/httproutes/web`)
    return pick(route, 'status.parents.0.conditions.0.reason') ?? pick(route, 'status.parents.0.conditions.1.reason')
  }
  await until('one is taken', async () => (await at.ask('far.example')).status === 500)
  await until('the other is told why not', async () => (await reason('near')) === 'NotAllowedByListeners')
  expect((await at.ask('near.example')).status).toBe(404)
  await call(at.cluster, 'PATCH', '/api/v1/namespaces/near', { body: { metadata: { labels } } })
  await until('it is taken by its new label', async () => (await at.ask('near.example')).status === 500)
})
