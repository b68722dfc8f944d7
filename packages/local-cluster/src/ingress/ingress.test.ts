import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, path } from '../controllers/testing/http.ts'
import { until } from '../node/testing/cluster.ts'
import { HostTable } from './host-table.ts'
import { ingressRules } from './ingress-rules.ts'
import type { Ingress } from './objects.ts'
import { chooseBackend } from './rules.ts'
import { type RouteCluster, startRouteCluster } from './testing/route-cluster.ts'

let at: RouteCluster
beforeAll(async () => {
  at = await startRouteCluster()
  for (const name of ['one', 'two', 'three']) await at.startBackend(name)
})
afterAll(() => at?.stop())

const ingresses = path('networking.k8s.io/v1', 'ingresses')
const backend = (name: string) => ({ service: { name, port: { number: 80 } } })
const paths = (...list: [path: string, pathType: string, service: string][]) => ({
  paths: list.map(([path, pathType, service]) => ({ path, pathType, backend: backend(service) })),
})
const ingress = (name: string, spec: object, metadata: object = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, ...metadata },
  spec: { ingressClassName: 'slipway', ...spec },
})
const make = (...args: Parameters<typeof ingress>) => call(at.cluster, 'POST', ingresses, { body: ingress(...args) })
const by = async (host: string, path = '/') => {
  const { asked, status } = await at.ask(host, path)
  return asked?.by ?? status
}

test('paths: exact, by elements, by the longest', async () => {
  const http = paths(
    ['/foo', 'Exact', 'one'],
    ['/bar', 'Prefix', 'two'],
    ['/bar/deep/', 'Prefix', 'three'],
    ['/spec', 'ImplementationSpecific', 'one'],
    ['/both', 'Prefix', 'one'],
    ['/both', 'Exact', 'two'],
  )
  await make('paths', { rules: [{ host: 'paths.localhost', http }] })
  const ask = (path: string) => by('paths.localhost', path)
  await until('it is served', async () => (await ask('/foo')) === 'one')
  expect(await ask('/foo/')).toBe(404)
  expect(await ask('/foo/x')).toBe(404)
  expect(await ask('/FOO')).toBe(404)
  expect(await ask('/bar')).toBe('two')
  expect(await ask('/bar/')).toBe('two')
  expect(await ask('/bar/x?y')).toBe('two')
  expect(await ask('/barx')).toBe(404)
  expect(await ask('/bar/deep')).toBe('three')
  expect(await ask('/bar/deep/er')).toBe('three')
  expect(await ask('/spec/x')).toBe('one')
  expect(await ask('/both')).toBe('two')
  expect(await ask('/both/x')).toBe('one')
})

test('a wildcard host stands for one label, and the exact host goes first', async () => {
  const all = (name: string) => paths(['/', 'Prefix', name])
  await make('wild', {
    tls: [{ hosts: ['*.wild.localhost'], secretName: 'not-there' }],
    rules: [
      { host: '*.wild.localhost', http: all('one') },
      { host: 'a.wild.localhost', http: all('two') },
    ],
  })
  await until('it is served', async () => (await by('b.wild.localhost')) === 'one')
  expect(await by('a.wild.localhost')).toBe('two')
  expect(await by('c.b.wild.localhost')).toBe(404)
  expect(await by('wild.localhost')).toBe(404)
})

test('a default backend takes what no rule takes, and goes with its Ingress', async () => {
  await make('rest', {
    defaultBackend: backend('three'),
    rules: [{ host: 'some.localhost', http: paths(['/a', 'Prefix', 'one']) }],
  })
  await until('it is served', async () => (await by('some.localhost', '/a')) === 'one')
  expect(await by('some.localhost', '/b')).toBe('three')
  expect(await by('else.localhost')).toBe('three')
  expect(await by('paths.localhost', '/nowhere')).toBe('three')
  await call(at.cluster, 'DELETE', `${ingresses}/rest`)
  await until('it is gone', async () => (await by('else.localhost')) === 404)
})

test('only Ingresses of its class, by the field or by the annotation of old', async () => {
  const rules = (host: string) => [{ host, http: paths(['/', 'Prefix', 'one']) }]
  await make('other', { ingressClassName: 'nginx', rules: rules('other.localhost') })
  const annotations = { 'kubernetes.io/ingress.class': 'slipway' }
  const old = { ...ingress('old', {}, { annotations }), spec: { rules: rules('old.localhost') } }
  await call(at.cluster, 'POST', ingresses, { body: old })
  await until('the old one is served', async () => (await by('old.localhost')) === 'one')
  expect(await by('other.localhost')).toBe(404)
})

test('a change of one object leaves the rules of other hosts as they are', () => {
  const table = new HostTable()
  const of = (name: string, host: string, created: string) =>
    ingressRules({
      ...ingress(
        name,
        { rules: [{ host, http: paths(['/', 'Prefix', name]) }] },
        { namespace: 'n', creationTimestamp: created },
      ),
    } as Ingress)
  const find = (host: string) =>
    table.find(host, { path: '/', method: 'GET', headers: {}, query: new URLSearchParams() })
  const served = (host: string) => chooseBackend(find(host) ?? expect.fail('no rule'))?.service
  table.set('Ingress n/b', of('b', 'shared', '2026-01-02'))
  table.set('Ingress n/c', of('c', 'own', '2026-01-03'))
  const before = find('own')
  table.set('Ingress n/a', of('a', 'shared', '2026-01-01'))
  expect(served('shared')).toBe('a')
  table.set('Ingress n/a', of('a', 'moved', '2026-01-01'))
  expect([served('shared'), served('moved')]).toEqual(['b', 'a'])
  table.set('Ingress n/b', [])
  expect(find('shared')).toBeNull()
  expect(find('own')).toBe(before)
})
