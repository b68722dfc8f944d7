import net from 'node:net'
import { AppError } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type LonePlatform, startWithoutCluster } from '../testing/without-cluster.ts'
import { createServer } from './create-server.ts'
import { createLogger } from './logger.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let platform: LonePlatform
beforeAll(async () => {
  platform = await startWithoutCluster()
})
afterAll(() => platform?.stop())

/** Exactly these bytes; answers the status line's number, 0 when the connection is closed without one. */
function raw(text: string): Promise<number> {
  const { port } = new URL(platform.url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = net.connect(Number(port), '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => {
      answer += chunk
      if (answer.includes('\r\n')) socket.destroy()
    })
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)))
    socket.on('error', reject)
  })
}
const ask = (method: string, path: string, more = '') =>
  raw(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`)

describe('what cannot be read is answered 4xx, never 500', () => {
  test.each([
    ['POST', '/hooks/%00'],
    ['POST', '/hooks/%E0%A4%A'],
    ['POST', `/hooks/${'a'.repeat(3000)}`],
    ['POST', '/hooks/..%2f..%2fetc'],
    ['POST', '/hooks/%F0%9F%92%A9'],
    ['GET', '/%'],
    ['GET', '/%ff%fe'],
    ['GET', '/%00'],
    ['GET', '/trpc/%00'],
    ['GET', '/trpc/app.get?input=%00'],
    ['GET', '/trpc/app.get?input=%E0%A4%A'],
    ['GET', '/trpc/app.get?batch=1&input={'],
    ['GET', '/git/%00/b/c/d.git/info/refs?service=git-upload-pack'],
    ['GET', '/git/a/b/c/%E0%A4%A.git/info/refs'],
    ['GET', '/internal/builds/%00/source'],
    ['GET', '//evil.example/x'],
    ['TRACE', '/'],
    ['PROPFIND', '/trpc/setup.status'],
  ])('%s %s', async (method, path) => {
    const status = await ask(method, path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  test.each([
    ['another protocol', 'Upgrade: h2c\r\nConnection: Upgrade\r\n'],
    ['a bad key', 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n'],
    ['no key', 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'],
    [
      'an old version',
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ],
  ])('an upgrade with %s', async (_what, headers) => {
    for (const path of ['/trpc', '/', '/%', '/hooks/x']) {
      const status = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)
      expect(status, path).toBeGreaterThanOrEqual(400)
      expect(status, path).toBeLessThan(500)
    }
  })
})

test('answers of the API are kept nowhere, run no scripts and cannot be framed', async () => {
  for (const path of [
    '/trpc/setup.status',
    '/trpc/app.list',
    '/hooks/x',
    '/healthz',
    '/git/a/b/c/d.git/info/refs',
    '/x',
  ]) {
    const { headers } = await fetch(platform.url + path)
    expect(headers.get('cache-control'), path).toContain('no-store')
    expect(headers.get('content-security-policy'), path).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers.get('content-security-policy'), path).not.toContain('script-src')
    expect(headers.get('referrer-policy'), path).toBe('strict-origin-when-cross-origin')
  }
})

test('a database without a free connection is 503 with Retry-After, in and outside of procedures', async () => {
  const logger = createLogger('silent')
  const server = createServer({ logger, https: false, trustedProxies: [] })
  server.get('/pool', () => {
    throw new Error('timeout exceeded when trying to connect')
  })
  server.get('/away', () => {
    throw new AppError('unavailable', 'The database cannot be reached. Try again in a moment.')
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const address = server.server.address() as net.AddressInfo
  for (const path of ['/pool', '/away']) {
    const answer = await fetch(`http://127.0.0.1:${address.port}${path}`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await answer.json()).toMatchObject({ error: { code: 'unavailable' } })
  }
  await server.close()

  const headers = { authorization: `Bearer ${platform.token}` }
  const { pool } = platform.database.db
  await pool.query('ALTER TABLE api_tokens RENAME TO api_tokens_away')
  await pool.query(
    `CREATE VIEW api_tokens AS SELECT * FROM api_tokens_away WHERE pg_terminate_backend(pg_backend_pid())`,
  )
  const answer = await fetch(`${platform.url}/trpc/account.get`, { headers })
  await pool.query('DROP VIEW api_tokens')
  await pool.query('ALTER TABLE api_tokens_away RENAME TO api_tokens')
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
  expect((await fetch(`${platform.url}/trpc/account.get`, { headers })).status).toBe(200)
})

test('a page that asks too often is told when to come again', async () => {
  const input = JSON.stringify({ email: 'nobody@acme.example', password: 'wrong' })
  const send = () =>
    fetch(`${platform.url}/trpc/session.verifyPassword`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: input,
    })
  for (let tries = 0; tries < 10; tries++) expect((await send()).status).toBe(401)
  const limited = await send()
  expect(limited.status).toBe(429)
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
})
