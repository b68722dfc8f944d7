import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import type { Condition } from '../types/condition.ts'
import type { EndpointSlice } from '../types/service.ts'
import { GATEWAY_CONTROLLER } from './gateway-objects.ts'
import { call, path } from './testing/http.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
  for (const name of ['one', 'two']) await startApp(name)
  const group = 'gateway.networking.k8s.io/v1'
  await call(cluster, 'POST', `/apis/${group}/gatewayclasses`, {
    body: {
      apiVersion: group,
      kind: 'GatewayClass',
      metadata: { name: 'slipway' },
      spec: { controllerName: GATEWAY_CONTROLLER },
    },
  })
  await call(cluster, 'POST', path(group, 'gateways'), {
    body: {
      apiVersion: group,
      kind: 'Gateway',
      metadata: { name: 'web' },
      spec: { gatewayClassName: 'slipway', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
    },
  })
})
afterAll(() => cluster?.stop())

const routes = path('gateway.networking.k8s.io/v1', 'httproutes')

async function startApp(name: string): Promise<void> {
  const script = `require('http').createServer((q, r) => r.end('${name}')).listen(process.env.PORT)`
  const container = {
    name: 'app',
    image: 'host',
    command: ['node', '-e', script],
    env: [{ name: 'PORT', value: '8080' }],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  }
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] }
  await call(cluster, 'POST', path('v1', 'pods'), {
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec },
  })
  await call(cluster, 'POST', path('v1', 'services'), {
    body: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  })
  await until(`${name} is ready`, async () => {
    const { items } = (await call(cluster, 'GET', path('discovery.k8s.io/v1', 'endpointslices'))) as {
      items: EndpointSlice[]
    }
    return items.some(
      ({ metadata, endpoints }) =>
        metadata.labels?.['kubernetes.io/service-name'] === name && endpoints?.[0]?.conditions.ready,
    )
  })
}

async function makeRoute(name: string, rules: unknown[], hostnames = [`${name}.localhost`]): Promise<void> {
  const body = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name },
    spec: { parentRefs: [{ name: 'web' }], hostnames, rules },
  }
  await call(cluster, 'POST', routes, { body })
  await until(`route ${name} is accepted`, async () =>
    conditionOf(await call(cluster, 'GET', `${routes}/${name}`), 'Accepted'),
  )
}

function conditionOf(route: unknown, type: string): Condition | undefined {
  const conditions = pick(route, 'status.parents.0.conditions') as Condition[] | undefined
  return conditions?.find((condition) => condition.type === type)
}

function ask(host: string, at = '/', headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { port: cluster.ingress.port, host: '127.0.0.1', path: at, headers: { ...headers, host } }
    http
      .get(options, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      .on('error', reject)
  })
}

const backend = (name: string, weight?: number) => ({ name, port: 80, ...(weight === undefined ? {} : { weight }) })

test('requests are shared by weight, evenly and exactly', async () => {
  await makeRoute('split', [{ backendRefs: [backend('one', 3), backend('two', 1)] }])
  const answers: string[] = []
  for (let index = 0; index < 40; index += 1) answers.push((await ask('split.localhost')).text)
  expect(answers.filter((answer) => answer === 'two')).toHaveLength(10)
  // Never two of the small share in a row.
  expect(answers.join(' ')).not.toMatch(/two two/)
})

test('a weight of nothing gets nothing', async () => {
  await makeRoute('all', [{ backendRefs: [backend('one', 0), backend('two', 1)] }])
  for (let index = 0; index < 5; index += 1) expect((await ask('all.localhost')).text).toBe('two')
})

test('paths, headers, methods and parameters choose the rule', async () => {
  await makeRoute('rules', [
    { matches: [{ path: { type: 'Exact', value: '/exact' } }], backendRefs: [backend('two')] },
    { matches: [{ headers: [{ name: 'X-Canary', value: 'yes' }] }], backendRefs: [backend('two')] },
    { matches: [{ queryParams: [{ name: 'v', value: '2' }] }], backendRefs: [backend('two')] },
    { matches: [{ method: 'POST' }], backendRefs: [backend('two')] },
    { backendRefs: [backend('one')] },
  ])
  expect((await ask('rules.localhost')).text).toBe('one')
  expect((await ask('rules.localhost', '/exact')).text).toBe('two')
  expect((await ask('rules.localhost', '/exact/more')).text).toBe('one')
  expect((await ask('rules.localhost', '/', { 'x-canary': 'yes' })).text).toBe('two')
  expect((await ask('rules.localhost', '/?v=2')).text).toBe('two')
  expect((await ask('rules.localhost', '//')).status).toBeLessThan(600)
})

test('a wildcard host stands for any number of labels', async () => {
  await makeRoute('wild', [{ backendRefs: [backend('one')] }], ['*.wild.localhost'])
  expect((await ask('a.wild.localhost')).text).toBe('one')
  expect((await ask('a.b.wild.localhost')).text).toBe('one')
  expect((await ask('wild.localhost')).text).not.toBe('one')
})

test('says what became of a route and its gateway', async () => {
  await makeRoute('lost', [{ backendRefs: [backend('nobody')] }])
  const route = await call(cluster, 'GET', `${routes}/lost`)
  expect(conditionOf(route, 'Accepted')?.status).toBe('True')
  expect(conditionOf(route, 'ResolvedRefs')).toMatchObject({
    status: 'False',
    reason: 'BackendNotFound',
    message: 'Service nobody not found',
  })
  expect((await ask('lost.localhost')).status).toBe(500)
  const gateway = await until('the gateway counts its routes', async () => {
    const found = await call(cluster, 'GET', `${path('gateway.networking.k8s.io/v1', 'gateways')}/web`)
    return Number(pick(found, 'status.listeners.0.attachedRoutes')) >= 1 && found
  })
  expect(pick(gateway, 'status.conditions')).toMatchObject([
    { type: 'Accepted', status: 'True' },
    { type: 'Programmed', status: 'True' },
  ])
  const bad = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'bad' } }
  const answer = await call(cluster, 'POST', routes, {
    body: { ...bad, spec: { rules: [{ backendRefs: [{ name: 'x', port: 80, weight: -1 }] }] } },
    expected: 422,
  })
  expect(pick(answer, 'message')).toMatch(/weight in body should be greater than or equal to 0/)
  expect(NAMESPACE).toBe('test')
})
