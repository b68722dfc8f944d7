import http, { type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { GATEWAY_CONTROLLER } from '../../controllers/gateway-objects.ts'
import { call, path } from '../../controllers/testing/http.ts'
import { startTestCluster, type TestCluster, until } from '../../node/testing/cluster.ts'
import { pick } from '../../testing/api.ts'
import type { Condition } from '../../types/condition.ts'

export const GATEWAY_API = 'gateway.networking.k8s.io/v1'
const routes = path(GATEWAY_API, 'httproutes')

/** What a backend was asked. */
export interface Asked {
  by: string
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: string
}

export interface Got {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** What the backend says that it was asked, where it was one. */
  asked: Asked | null
}

/** A cluster with its ingress and a Gateway `web`, and Services whose backends are servers in this process. */
export interface RouteCluster {
  cluster: TestCluster
  /** Every request that a backend got, copies too. */
  seen: Asked[]
  /** Starts the Service `name`, port 80; its backend tells what it was asked, or waits where it is asked for `/slow`. */
  startBackend(name: string): Promise<void>
  /** Makes an HTTPRoute of the Gateway `web` and waits until something is said of it. */
  route(name: string, rules: unknown[], more?: Record<string, unknown>): Promise<void>
  /** A condition of the route at its first parent. */
  condition(name: string, type: string): Promise<Condition | undefined>
  ask(
    host: string,
    at?: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Got>
  stop(): Promise<void>
}

export const gateway = (name: string, listeners: unknown[]) => ({
  apiVersion: GATEWAY_API,
  kind: 'Gateway',
  metadata: { name },
  spec: { gatewayClassName: 'slipway', listeners },
})

export async function startRouteCluster(): Promise<RouteCluster> {
  const cluster = await startTestCluster({ simulation: { speed: 20 }, holdMs: 500 })
  const servers: Server[] = []
  const seen: Asked[] = []
  const gatewayClass = { apiVersion: GATEWAY_API, kind: 'GatewayClass', metadata: { name: 'slipway' } }
  await call(cluster, 'POST', `/apis/${GATEWAY_API}/gatewayclasses`, {
    body: { ...gatewayClass, spec: { controllerName: GATEWAY_CONTROLLER } },
  })
  await call(cluster, 'POST', path(GATEWAY_API, 'gateways'), {
    body: gateway('web', [{ name: 'http', port: 80, protocol: 'HTTP' }]),
  })
  const condition = async (name: string, type: string) => {
    const found = pick(await call(cluster, 'GET', `${routes}/${name}`), 'status.parents.0.conditions')
    return ((found ?? []) as Condition[]).find((each) => each.type === type)
  }
  return {
    cluster,
    seen,
    condition,
    async startBackend(name) {
      const server = echo(name, seen)
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      const service = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } }
      await call(cluster, 'POST', path('v1', 'services'), { body: service })
      await call(cluster, 'POST', path('discovery.k8s.io/v1', 'endpointslices'), {
        body: {
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
          addressType: 'IPv4',
          ports: [{ name: '', port, protocol: 'TCP' }],
          endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
        },
      })
    },
    async route(name, rules, more = {}) {
      const spec = { parentRefs: [{ name: 'web' }], hostnames: [`${name}.localhost`], rules, ...more }
      await call(cluster, 'POST', routes, {
        body: { apiVersion: GATEWAY_API, kind: 'HTTPRoute', metadata: { name }, spec },
      })
      await until(`route ${name} is judged`, () => condition(name, 'Accepted'))
    },
    ask: (host, at = '/', options = {}) => ask(cluster.ingress.port, host, at, options),
    async stop() {
      await cluster.stop({ stopPods: false })
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

function echo(by: string, seen: Asked[]): Server {
  return http.createServer(async (request, response) => {
    const body = await textOf(request)
    const { method = '', url = '', headers } = request
    const asked: Asked = { by, method, url, headers, body }
    seen.push(asked)
    if (url.startsWith('/slow')) return
    response.writeHead(200, { 'x-from': by, 'x-secret': 'inside', 'content-type': 'application/json' })
    response.end(JSON.stringify(asked))
  })
}

function ask(
  port: number,
  host: string,
  at: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: at, method, headers: { ...headers, host }, agent: false }
    const request = http.request(options, async (response) => {
      const text = await textOf(response).catch(() => '')
      const isBackends = response.headers['x-from'] !== undefined || /json/.test(response.headers['content-type'] ?? '')
      const { statusCode: status = 0, headers: got } = response
      resolve({ status, headers: got, text, asked: isBackends ? JSON.parse(text) : null })
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) text += chunk
  return text
}
