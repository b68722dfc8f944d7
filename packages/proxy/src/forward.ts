import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ForwardCounters, Forwarder, Picker, UnavailablePage, Upstream } from './forwarder.ts'
import { endToEnd } from './headers.ts'
import { headOf } from './outgoing.ts'
import { connect, splice } from './upgrade.ts'

/** Free connections to upstreams that are kept, each for less than servers usually keep them (Node: 5 s). */
const AGENT = { keepAlive: true, maxFreeSockets: 256, timeout: 4_000 }

/** Creates a forwarder. One serves any number of upstreams. */
export function createForwarder(): Forwarder {
  return new HttpForwarder()
}

class HttpForwarder implements Forwarder {
  readonly #agent = new http.Agent(AGENT)
  readonly #counters: ForwardCounters = {
    requests: 0,
    upgrades: 0,
    retries: 0,
    unavailable: 0,
    badGateway: 0,
    active: 0,
  }

  counters(): ForwardCounters {
    return { ...this.#counters }
  }

  close(): void {
    this.#agent.destroy()
  }

  async request(request: IncomingMessage, response: ServerResponse, pick: Picker, unavailable: UnavailablePage) {
    this.#counters.requests += 1
    this.#counters.active += 1
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      let refused: Upstream | null = null
      for (;;) {
        const upstream: Upstream | null = await pick(refused, gone.signal)
        if (gone.signal.aborted) return
        if (upstream === null) return await this.#unavailable(response, unavailable)
        const outcome = await this.#attempt(request, response, upstream, gone.signal)
        if (outcome === 'done') return
        this.#counters.retries += 1
        refused = outcome === 'refused' ? upstream : null
      }
    } catch (error) {
      if (!gone.signal.aborted) this.#failed(response, error)
    } finally {
      this.#counters.active -= 1
    }
  }

  async #unavailable(response: ServerResponse, page: UnavailablePage): Promise<void> {
    this.#counters.unavailable += 1
    const body = await page()
    if (response.destroyed) return
    response.writeHead(503, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'retry-after': '5',
    })
    response.end(body)
  }

  #failed(response: ServerResponse, error: unknown): void {
    if (response.writableEnded) return
    if (response.headersSent) {
      // Half an answer can only be cut off; an orderly end would pass for a whole one.
      response.destroy()
      return
    }
    this.#counters.badGateway += 1
    const code = codeOf(error)
    const reason = code === '' ? '' : ` (${code})`
    response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(`The app closed the connection before it had answered${reason}.\n`)
  }

  /** `refused`: no connection. `stale`: a kept connection had been closed; nothing was lost but the attempt. */
  #attempt(request: IncomingMessage, response: ServerResponse, upstream: Upstream, signal: AbortSignal) {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
    return new Promise<'done' | 'refused' | 'stale'>((resolve, reject) => {
      const outgoing = http.request({
        host: upstream.host,
        port: upstream.port,
        ...headOf(request),
        // A body can be sent only once, so it never goes to a connection that may have been closed meanwhile.
        agent: hasBody ? false : this.#agent,
      })
      let connected = false
      let answered = false
      const abort = () => outgoing.destroy()
      signal.addEventListener('abort', abort, { once: true })
      const settle = (finish: () => void) => {
        signal.removeEventListener('abort', abort)
        finish()
      }
      outgoing.on('socket', (socket) => {
        const begin = () => {
          connected = true
          if (hasBody) request.pipe(outgoing)
          else outgoing.end()
        }
        if (socket.connecting) socket.once('connect', begin)
        else begin()
      })
      outgoing.on('error', (error) => {
        settle(() => {
          if (signal.aborted) resolve('done')
          else if (!connected) resolve('refused')
          else if (!answered && !hasBody && outgoing.reusedSocket) resolve('stale')
          else reject(error)
        })
      })
      outgoing.on('response', (incoming) => {
        answered = true
        response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, endToEnd(incoming.headers))
        incoming.pipe(response)
        incoming.on('error', (error) => settle(() => reject(error)))
        incoming.on('aborted', () => settle(() => reject(new Error('the app cut its answer off'))))
        response.on('close', () => settle(() => resolve('done')))
      })
    })
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, pick: Picker): Promise<void> {
    this.#counters.upgrades += 1
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    socket.on('error', () => gone.abort())
    let refused: Upstream | null = null
    for (;;) {
      const upstream: Upstream | null = await pick(refused, gone.signal)
      if (gone.signal.aborted) return
      if (upstream === null) {
        this.#counters.unavailable += 1
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      const connection = await connect(upstream)
      if (connection !== null) return splice(request, socket, head, connection)
      this.#counters.retries += 1
      refused = upstream
    }
  }
}

/** The code of an error of the operating system, such as `ECONNREFUSED`; empty for errors of another kind. */
const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
