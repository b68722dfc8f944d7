import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { toKubeApiError } from './errors.ts'
import type { ServerCredentials } from './server-credentials.ts'

/** HTTP to one API server. */
export interface Transport {
  /**
   * One answer as JSON. An answer of 400 and more is thrown as `KubeApiError`.
   * @param query entries that are undefined are left out
   */
  json<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: RequestOptions): Promise<T>
  text(path: string, options?: RequestOptions): Promise<string>
  /** The body as it comes; the caller reads or destroys it. */
  stream(path: string, options?: RequestOptions): Promise<Dispatcher.ResponseData['body']>
  credentials: ServerCredentials
  close(): Promise<void>
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  contentType?: string
  signal?: AbortSignal
  /** Time for the whole answer of `json` and `text`; default 30 s. */
  timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 30_000
const MAX_ERROR_BYTES = 64 * 1024

/** One dispatcher for all requests: connections are kept and used again. */
export function createTransport(credentials: ServerCredentials): Transport {
  const connect = { ...credentials.tls, keepAlive: true, keepAliveInitialDelay: 30_000 }
  // Watches and log streams are silent for long; their own watchdogs end them, not the socket's.
  const timeouts = { bodyTimeout: 0, headersTimeout: 60_000 }
  const dispatcher: Dispatcher =
    credentials.proxyUrl === null
      ? new Agent({ connect, ...timeouts, connections: 128 })
      : new ProxyAgent({ uri: credentials.proxyUrl, requestTls: credentials.tls, ...timeouts })

  const send = async (method: Dispatcher.HttpMethod, path: string, options: RequestOptions, signal: AbortSignal) => {
    const url = new URL(credentials.server.replace(/\/+$/, '') + path)
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const response = await request(url, {
      dispatcher,
      method,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'slipway',
        ...(await credentials.headers()),
        ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      body: options.body === undefined ? null : JSON.stringify(options.body),
    })
    if (response.statusCode >= 400) throw toKubeApiError(response.statusCode, await boundedText(response.body))
    return response.body
  }
  const timed = (options: RequestOptions) => {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    return options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal])
  }
  return {
    credentials,
    // The caller names the type that the API reference promises for the path.
    json: async <T>(method: Dispatcher.HttpMethod, path: string, options: RequestOptions = {}) =>
      (await (await send(method, path, options, timed(options))).json()) as T,
    text: async (path, options = {}) => (await send('GET', path, options, timed(options))).text(),
    stream: async (path, options = {}) => send('GET', path, options, options.signal ?? new AbortController().signal),
    close: () => dispatcher.close(),
  }
}

async function boundedText(body: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const chunk of body) {
    text += chunk.toString('utf8')
    if (text.length > MAX_ERROR_BYTES) break
  }
  return text
}
