import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../apiserver/server.ts'

export const testToken = 'token-for-tests'

export interface TestResponse {
  status: number
  headers: Headers
  text: string
  /** Parsed JSON (of a watch: the first event), or the text. */
  body: unknown
}

/** An API server on a directory and a port of its own, spoken to over HTTP. */
export interface TestApi {
  server: ApiServer
  dir: string
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestResponse>
  /** Stops the server and removes its directory. */
  stop(): Promise<void>
}

export async function startTestApi(options: Partial<ApiServerOptions> & { keepDir?: boolean } = {}): Promise<TestApi> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'slipway-api-'))
  const faults: unknown[] = []
  const server = await startApiServer({
    port: 0,
    token: testToken,
    onInternalError: (error, request) => faults.push([request, error]),
    ...options,
    dir,
  })
  return {
    server,
    dir,
    async request(method, path, body, headers = {}) {
      const response = await fetch(server.plainUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${testToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const json = response.headers.get('content-type')?.includes('json') === true
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: json ? JSON.parse(text.split('\n')[0] || 'null') : text,
      }
    },
    async stop() {
      await server.stop()
      if (options.keepDir !== true) rmSync(dir, { recursive: true, force: true })
      if (faults.length > 0) throw new Error(`The API server failed: ${faults.map(String).join('; ')}`)
    },
  }
}

/** The value at a dotted path of an answer: `pick(body, 'spec.ports.0.port')`. */
export function pick(value: unknown, path: string): unknown {
  let found = value
  for (const key of path.split('.')) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  }
  return found
}

/** Calls `look` until it answers something, for at most `timeoutMs`. */
export async function eventually<T>(look: () => Promise<T | null | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`Nothing after ${timeoutMs} ms: ${look}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
