import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApiClient } from '../testing/client.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'
import { hostKind } from './app-hosts.ts'
import { createLogger, loggablePath } from './logger.ts'

let platform: LonePlatform
let console: http.Server
let consoleUrl = ''
let seen: http.IncomingHttpHeaders = {}

beforeAll(async () => {
  console = http.createServer((request, response) => {
    seen = request.headers
    response.setHeader('content-type', 'text/html')
    response.end(`page ${request.url}`)
  })
  await new Promise<void>((resolve) => console.listen(0, '127.0.0.1', resolve))
  consoleUrl = `http://127.0.0.1:${(console.address() as AddressInfo).port}`
  platform = await startWithoutCluster({ consoleUrl })
})
afterAll(async () => {
  await platform?.stop()
  console?.closeAllConnections()
  console?.close()
})

describe('every answer', () => {
  test('has a request id and the security headers', async () => {
    for (const path of ['/healthz', '/trpc/setup.status', '/some/page', '/hooks/x']) {
      const { headers } = await fetch(platform.url + path)
      expect(headers.get('x-request-id'), path).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('x-frame-options'), path).toBe('DENY')
    }
  })

  test('a body over 1 MiB is refused in words', async () => {
    const answer = await fetch(`${platform.url}/trpc/session.login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'x'.repeat(1024 * 1024) }),
    })
    expect(answer.status).toBe(413)
    expect(await answer.text()).toMatch(/1024 KiB|too large/i)
  })

  test('readiness tells of the cluster but does not depend on it', async () => {
    const answer = await fetch(`${platform.url}/readyz`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      status: 'ready',
      parts: { database: 'ok', cluster: 'the cluster has not answered yet' },
    })
  })
})

describe('the console', () => {
  test('gets every other path, with what it must know of the client', async () => {
    expect(await (await fetch(`${platform.url}/acme/shop?x=1`)).text()).toBe('page /acme/shop?x=1')
    expect(seen['x-forwarded-host']).toBe(new URL(platform.url).host)
    expect(seen['x-forwarded-proto']).toBe('http')
  })

  test('does not get the paths of the platform', async () => {
    for (const path of ['/internal/x', '/git/a/b/c/d.git/info/refs?service=git-upload-pack', '/hooks/x']) {
      expect(await (await fetch(platform.url + path)).text(), path).not.toContain('page')
    }
  })

  test('while it is away, browsers get a page that looks again and programs get an error', async () => {
    const other = await startWithoutCluster({ consoleUrl: 'http://127.0.0.1:1' })
    const page = await fetch(`${other.url}/`, { headers: { accept: 'text/html' } })
    expect(page.status).toBe(503)
    expect(await page.text()).toContain('Slipway is starting')
    const json = await fetch(`${other.url}/`, { headers: { accept: 'application/json' } })
    expect(await json.json()).toMatchObject({ error: { code: 'unavailable' } })
    await other.stop()
  })
})

describe('hosts of apps that no route leads to', () => {
  /** `fetch` chooses the Host header itself. */
  const ask = (path: string, host: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const headers = { host, accept: 'text/html' }
      http
        .get(platform.url + path, { headers, agent: false }, (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        })
        .on('error', reject)
    })

  test('answer 404 on every path, never the console', async () => {
    for (const path of ['/', '/login', '/healthz', '/trpc/setup.status', '/git/a/b/c/d.git/info/refs']) {
      const { status, body } = await ask(path, 'gone.shop-production.localhost:1234')
      expect(status, path).toBe(404)
      expect(body, path).toContain('There is no app at this address')
    }
  })

  test('a domain that leads nowhere gets no console; the platform’s own paths have any name', async () => {
    expect(await ask('/', 'shop.example.com')).toMatchObject({ status: 404 })
    expect(await ask('/healthz', 'slipway.internal.example.com')).toMatchObject({ status: 200 })
    for (const host of ['localhost', '127.0.0.1:80', '[::1]', 'platform', 'platform.slipway.svc.cluster.local']) {
      expect((await ask('/x', host)).body, host).toBe('page /x')
    }
  })

  test('whose a host is', () => {
    const config = { publicUrl: 'https://paas.apps.example.com', appsDomain: 'apps.example.com' }
    expect(hostKind('paas.apps.example.com', config)).toBe('own')
    expect(hostKind('Web.Shop.apps.example.com.', config)).toBe('app')
    expect(hostKind('example.com', { ...config, appsDomain: null })).toBe('foreign')
  })
})

describe('WebSockets', () => {
  test('are taken at /trpc alone', async () => {
    const status = await new Promise<number>((resolve) => {
      const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/elsewhere`)
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('open', () => resolve(101))
      socket.on('error', () => undefined)
    })
    expect(status).toBe(404)
  })
})

test('another cluster without registry and ingress: the product says what is missing and how to configure it', async () => {
  const other = await startWithoutCluster({
    clusterKind: 'kubernetes', registry: null, registryPushUrl: null, ingressClass: null, appsDomain: null,
  }) // biome-ignore format: one list
  const { capabilities } = await createApiClient(other.url, null).setup.status.query()
  expect(capabilities).toMatchObject({ cluster: 'kubernetes', builds: false, ingress: false })
  expect(capabilities.missing.join(' ')).toContain('SLIPWAY_REGISTRY')
  expect(capabilities.missing.join(' ')).toContain('SLIPWAY_INGRESS_CLASS')
  await other.stop()
})

test('the log holds no secrets', () => {
  let text = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const logger = createLogger('info', sink)
  logger.info(
    { headers: { authorization: 'Bearer hush', cookie: 'hush' }, password: 'hush', source: { accessToken: 'hush' } },
    'a',
  )
  logger.info(
    { request: { headers: { 'set-cookie': 'hush', 'x-gitlab-token': 'hush' } }, config: { DATABASE_URL: 'hush' } },
    'b',
  )
  expect(text).not.toContain('hush')
  expect(text.match(/\[redacted\]/g)?.length).toBe(7)
  expect(loggablePath('/invite/secret-token?x=1')).toBe('/invite/[redacted]')
  expect(loggablePath('/trpc/invitation.get?input=%7B%22token%22%3A%22secret%22%7D')).toBe('/trpc/invitation.get')
})
