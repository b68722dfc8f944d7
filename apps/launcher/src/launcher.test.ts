import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { isConsoleHost, listenEdge } from './edge.ts'
import { listenInternal } from './internal.ts'
import { openLogFile } from './log-file.ts'
import { type Part, startPart } from './part.ts'
import { choosePorts } from './ports.ts'
import { lockStateDir, openStateDir, secretFile } from './state.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function temporaryDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'launcher-'))
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function listen(handler: Parameters<typeof createServer>[1], port = 0): Promise<Server & { port: number }> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return Object.assign(server, { port: (server.address() as AddressInfo).port })
}

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('state directory', () => {
  it('is held by one instance at a time, and free again after kill -9', async () => {
    const dir = temporaryDir()
    const script = `import { lockStateDir } from ${JSON.stringify(path.join(import.meta.dirname, 'state.ts'))}; lockStateDir(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '-e',
      script,
    ])
    cleanups.push(() => holder.kill('SIGKILL'))
    await new Promise((resolve) => holder.stdout.once('data', resolve))
    expect(() => lockStateDir(dir)).toThrow(`Slipway already runs on ${dir} (process ${holder.pid})`)
    const gone = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill('SIGKILL')
    await gone
    lockStateDir(dir).release()
  })

  it('says in one line why it cannot be used', () => {
    const dir = temporaryDir()
    writeFileSync(path.join(dir, 'file'), '')
    expect(() => openStateDir(path.join(dir, 'file', 'state'))).toThrow(
      /^cannot write to the state directory .* \(a part of the path is a file\)\. .*SLIPWAY_STATE_DIR/,
    )
    if (process.getuid?.() === 0) return // Root may write everywhere.
    chmodSync(dir, 0o500)
    expect(() => openStateDir(path.join(dir, 'state'))).toThrow('permission denied')
    chmodSync(dir, 0o700)
  })

  it('keeps a secret, readable by its owner only', () => {
    const dir = temporaryDir()
    const secret = secretFile(dir, 'secret-key')
    expect(Buffer.from(secret, 'base64')).toHaveLength(32)
    expect(statSync(path.join(dir, 'secret-key')).mode & 0o777).toBe(0o600)
    expect(secretFile(dir, 'secret-key')).toBe(secret)
  })

  it('writes nothing that others may read, and takes that right back where they had it', async () => {
    const dir = temporaryDir()
    openStateDir(dir)
    for (const name of ['ports.json', 'launcher.lock', 'launcher.pid']) {
      writeFileSync(path.join(dir, name), '')
      chmodSync(path.join(dir, name), 0o644)
    }
    await choosePorts(dir)
    const lock = lockStateDir(dir)
    secretFile(dir, 'secret-key')
    for (const name of readdirSync(dir)) expect(statSync(path.join(dir, name)).mode & 0o066, name).toBe(0)
    lock.release()
  })

  it('keeps the ports of the parts while they are free', async () => {
    const dir = temporaryDir()
    const first = await choosePorts(dir)
    expect(await choosePorts(dir)).toEqual(first)
    await listen(undefined, first.console)
    const second = await choosePorts(dir)
    expect(second).toMatchObject({ platform: first.platform, clusterApi: first.clusterApi })
    expect(second.console).not.toBe(first.console)
    writeFileSync(path.join(dir, 'ports.json'), '{"half')
    expect((await choosePorts(dir)).platform).toBeGreaterThan(0)
  })
})

describe('log files', () => {
  it('are rotated and bounded', () => {
    const file = path.join(temporaryDir(), 'part.log')
    const log = openLogFile(file, 100, 2)
    for (let index = 0; index < 20; index += 1) log.write(Buffer.from(`${String(index).padStart(39, '.')}\n`))
    log.close()
    log.write(Buffer.from('late'))
    expect(readFileSync(file, 'utf8')).toContain('19')
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(100)
    expect(statSync(`${file}.2`).size).toBeLessThanOrEqual(100)
    expect(() => statSync(`${file}.3`)).toThrow()
  })
})

describe('parts', () => {
  const program = (body: string) => ['--input-type=module', '-e', body]
  async function start(body: string, readyUrl: string) {
    const dir = temporaryDir()
    const restarts: string[] = []
    const part: Part = startPart(
      {
        name: 'Test',
        args: program(body),
        cwd: dir,
        env: { PATH: process.env.PATH ?? '' },
        logFile: path.join(dir, 'log'),
        readyUrl,
        stopTimeoutMs: 2_000,
      },
      { onStart: () => undefined, onRestart: (why) => restarts.push(why) },
    )
    cleanups.push(() => part.stop())
    return { part, restarts, dir }
  }
  const server = (port: number) =>
    `import http from 'node:http'; http.createServer((q, r) => r.end(String(process.pid))).listen(${port}, '127.0.0.1'); console.log('up', process.env.HOME ?? 'no home')`

  it('start again after kill -9 and keep their output', async () => {
    const { clusterApi: port } = await choosePorts(temporaryDir())
    const { part, restarts, dir } = await start(server(port), `http://127.0.0.1:${port}/`)
    await part.ready(20_000)
    const pid = part.pid
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await until('another life', () => part.pid !== undefined && part.pid !== pid)
    await part.ready(20_000)
    expect(restarts).toEqual(['was ended by SIGKILL'])
    await part.stop()
    expect(part.pid).toBeUndefined()
    expect(readFileSync(path.join(dir, 'log'), 'utf8')).toBe('up no home\nup no home\n')
  })

  it('that never come up say so with their last output', async () => {
    const { part } = await start(`console.error('no database'); process.exit(3)`, 'http://127.0.0.1:9/')
    await expect(part.ready(20_000)).rejects.toThrow(/Test did not start[\s\S]*no database/)
  })

  it('are ended by force when they do not listen', async () => {
    const { part } = await start(
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')`,
      'http://127.0.0.1:9/',
    )
    await new Promise((resolve) => setTimeout(resolve, 300))
    const pid = part.pid
    await part.stop()
    expect(() => process.kill(pid ?? 0, 0)).toThrow()
  })
})

describe('internal address', () => {
  it('serves /internal and the tokens of the registry to pods and nodes, and nothing else', async () => {
    const platform = await listen((incoming, response) => response.end(`platform ${incoming.url}`))
    const { console: port } = await choosePorts(temporaryDir())
    const internal = await listenInternal({ host: '127.0.0.1', port }, platform.port)
    cleanups.push(() => internal.close())
    const ask = async (url: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${url}`)
      return [answer.status, await answer.text()]
    }
    expect(await ask('/internal/builds/1/source')).toEqual([200, 'platform /internal/builds/1/source'])
    const token = '/registry/token?service=slipway-registry'
    expect(await ask(token)).toEqual([200, `platform ${token}`])
    const refused = [404, 'Only /internal and /registry/token are served at this address.\n']
    for (const other of ['/trpc/session.login', '/internalother', '/registry/tokens', '/registry'])
      expect(await ask(other), other).toEqual(refused)
  })

  it('names the variable to change', async () => {
    await expect(listenInternal({ host: '192.0.2.10', port: 3001 }, 1)).rejects.toThrow(
      /^SLIPWAY_INTERNAL_URL names 192\.0\.2\.10, which is no address of this machine\. Set SLIPWAY_LISTEN_HOST/,
    )
    const other = await listen(undefined)
    await expect(listenInternal({ host: '127.0.0.1', port: other.port }, 1)).rejects.toThrow(
      `port ${other.port} of SLIPWAY_INTERNAL_URL is taken by another program.`,
    )
  })
})

describe('edge', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['', true],
    ['paas.example.com', true],
    ['web.shop-production.localhost', false],
    ['shop.example.com', false],
  ])('takes %j for the console: %j', (host, expected) => {
    expect(isConsoleHost(host, 'https://paas.example.com')).toBe(expected)
  })

  /** `fetch` chooses the Host header itself. */
  const get = (
    port: number,
    host: string,
    init: { method?: string; body?: string; headers?: Record<string, string> } = {},
  ) =>
    new Promise<unknown>((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path: '/path?x=1',
          method: init.method ?? 'GET',
          headers: { host, ...init.headers },
          agent,
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => resolve(JSON.parse(text)))
        },
      )
      outgoing.on('error', reject)
      outgoing.end(init.body)
    })
  const agent = new Agent({ keepAlive: true })

  async function startEdge(behindProxy = false) {
    const tell = (name: string) => (incoming: IncomingMessage, response: ServerResponse) => {
      let body = ''
      incoming.on('data', (chunk) => {
        body += chunk
      })
      incoming.on('end', () =>
        response.end(
          JSON.stringify({
            name,
            url: incoming.url,
            host: incoming.headers.host,
            proto: incoming.headers['x-forwarded-proto'],
            client: incoming.headers['x-forwarded-for'],
            body,
          }),
        ),
      )
    }
    const platform = await listen(tell('platform'))
    const ingress = await listen(tell('ingress'))
    const { console: port } = await choosePorts(temporaryDir())
    const edge = await listenEdge({
      port,
      url: `http://localhost:${port}`,
      platformPort: platform.port,
      ingressPort: ingress.port,
      behindProxy,
    })
    cleanups.push(() => edge.close())
    return { port, platform, ingress, tell }
  }

  it('routes by host on one connection, bodies included', async () => {
    const { port } = await startEdge()
    for (const [host, name] of [
      ['localhost', 'platform'],
      ['web.shop.localhost', 'ingress'],
      ['localhost', 'platform'],
    ] as const) {
      const answer = await get(port, `${host}:${port}`, { method: 'POST', body: 'content' })
      expect(answer).toEqual({
        name,
        url: '/path?x=1',
        host: `${host}:${port}`,
        proto: 'http',
        client: '127.0.0.1',
        body: 'content',
      })
    }
  })

  it('takes nobody’s word for where a request comes from, but that of a proxy in front', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'localhost' }
    const open = await startEdge()
    expect(await get(open.port, 'evil.example', { headers })).toMatchObject({ proto: 'http', client: '127.0.0.1' })
    const behind = await startEdge(true)
    expect(await get(behind.port, 'localhost', { headers })).toMatchObject({
      proto: 'https',
      client: '192.0.2.7, 127.0.0.1',
    })
  })

  it('lets requests wait while a part is away', async () => {
    const { port, platform, tell } = await startEdge()
    platform.closeAllConnections()
    await new Promise((resolve) => platform.close(resolve))
    const waiting = Promise.all([get(port, 'localhost'), get(port, 'localhost', { method: 'POST', body: 'kept' })])
    await new Promise((resolve) => setTimeout(resolve, 500))
    await listen(tell('platform again'), platform.port)
    const [first, second] = await waiting
    expect(first).toMatchObject({ name: 'platform again' })
    expect(second).toMatchObject({ name: 'platform again', body: 'kept' })
  })

  it('says in one line that its port is taken', async () => {
    const other = await listen(undefined)
    const edge = listenEdge({
      port: other.port,
      url: 'http://localhost',
      platformPort: 1,
      ingressPort: 1,
      behindProxy: false,
    })
    await expect(edge).rejects.toThrow(
      `port ${other.port} is taken by another program. Stop it, or set SLIPWAY_PORT to another port.`,
    )
  })
})
