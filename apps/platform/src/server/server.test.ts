import http from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { hostKind } from '../auth/hosts.ts'
import { createApiClient } from '../testing/client.ts'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'
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
      parts: { database: 'ok', disk: 'ok', cluster: 'the cluster has not answered yet' },
    })
  })
})

describe('the console', () => {
  test('a request on a connection that the console closes in that moment is sent again', async () => {
    let connections = 0
    const closing = createServer((socket) => {
      connections++
      let requests = 0
      socket.on('data', () => {
        requests++
        // As a server whose keep-alive ends while the next request is on its way.
        if (requests > 1) socket.resetAndDestroy()
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\npage')
      })
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve))
    const other = await startWithoutCluster({
      consoleUrl: `http://127.0.0.1:${(closing.address() as AddressInfo).port}`,
    })
    try {
      for (const path of ['/one.js', '/two.js', '/three.js']) {
        const answer = await fetch(other.url + path)
        expect([answer.status, await answer.text()], path).toEqual([200, 'page'])
      }
      expect(connections).toBe(3)
    } finally {
      await other.stop()
      closing.close()
    }
  })

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
  const ask = (path: string, host: string, more: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const headers = { host, accept: 'text/html', ...more }
      const method = body === undefined ? 'GET' : 'POST'
      http
        .request(platform.url + path, { method, headers, agent: false }, (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
        })
        .on('error', reject)
        .end(body)
    })

  test('answer 404 on every path, never the console', async () => {
    for (const path of ['/', '/login', '/healthz', '/trpc/setup.status', '/git/a/b/c/d.git/info/refs']) {
      const { status, body } = await ask(path, 'gone.shop-production.localhost:1234')
      expect(status, path).toBe(404)
      expect(body, path).toContain('There is no app at this address')
    }
  })

  test('DNS rebinding: a name that is neither ours nor routed gets 421 on every path but the probes', async () => {
    for (const path of ['/', '/setup', '/trpc/setup.status', '/git/a/b/c/d.git/info/refs', '/hooks/x', '/internal/x']) {
      const { status, body } = await ask(path, 'shop.example.com')
      expect(status, path).toBe(421)
      expect(body, path).toContain('There is nothing at this address')
    }
    // What a page of a rebound name can send: its own origin, and forwarding headers.
    const origin = {
      origin: 'http://evil.example:3000',
      'x-forwarded-host': 'localhost',
      'content-type': 'application/json',
    }
    expect(await ask('/trpc/setup.createFirstAccount', 'evil.example:3000', origin, '{}')).toMatchObject({
      status: 421,
    })
    expect(await ask('/', 'localhost', { 'x-forwarded-host': 'evil.example' })).toMatchObject({ status: 421 })
    for (const host of ['127.0.0.1.nip.io', 'localhost@evil.example', 'evil.example.', 'x y']) {
      expect([400, 421], host).toContain((await ask('/', host)).status)
    }
    expect(await ask('/healthz', 'slipway.internal.example.com')).toMatchObject({ status: 200 })
  })

  test('names of this machine and of the cluster’s network are Slipway’s own', async () => {
    for (const host of ['localhost', '127.0.0.1:80', '[::1]', 'platform', 'platform.slipway.svc.cluster.local']) {
      expect((await ask('/x', host)).body, host).toBe('page /x')
    }
  })

  test('whose a host is', () => {
    const internalUrl = 'http://slipway.internal.example:3001'
    const config = { publicUrl: 'https://paas.apps.example.com', appsDomain: 'apps.example.com', internalUrl }
    expect(hostKind('slipway.internal.example', config)).toBe('own')
    expect(hostKind('paas.apps.example.com', config)).toBe('own')
    expect(hostKind('Web.Shop.apps.example.com.', config)).toBe('app')
    expect(hostKind('example.com', { ...config, appsDomain: null })).toBe('foreign')
  })
})

describe('WebSockets', () => {
  const open = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve) => {
      const credentials = { authorization: `Bearer ${platform.token}` }
      const socket = new WebSocket(platform.url.replace('http', 'ws') + path, {
        headers: { ...credentials, ...headers },
      })
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('open', () => {
        socket.close()
        resolve(101)
      })
      socket.on('error', () => undefined)
    })

  test('are taken at /trpc alone', async () => {
    expect(await open('/elsewhere')).toBe(404)
  })

  test('are not opened for another site’s page or a name that is not ours, with or without an account', async () => {
    const { host } = new URL(platform.url)
    expect(await open('/trpc')).toBe(101)
    expect(await open('/trpc', { origin: `http://${host}` })).toBe(101)
    expect(await open('/trpc', { origin: 'https://evil.example' })).toBe(403)
    expect(await open('/trpc', { origin: 'null' })).toBe(403)
    expect(await open('/trpc', { origin: 'null', authorization: '' })).toBe(403)
    expect(await open('/trpc', { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await open('/trpc', { host: 'evil.example', origin: 'http://evil.example' })).toBe(421)
    expect(await open('/trpc', { host: 'gone.shop.localhost', origin: 'http://gone.shop.localhost' })).toBe(404)
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
