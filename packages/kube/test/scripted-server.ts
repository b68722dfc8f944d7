import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerCredentials } from '../src/server-credentials.ts'

export interface Hit {
  method: string
  url: URL
  body: string
  headers: IncomingMessage['headers']
}
export type Answer = (response: ServerResponse, hit: Hit) => void | Promise<void>

/** A real HTTP server that answers as a test says; it can cut connections in the middle. */
export async function startScriptedServer(answer: Answer) {
  const hits: Hit[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const hit = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://x'),
      body,
      headers: request.headers,
    }
    hits.push(hit)
    await answer(response, hit)
  })
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const credentials: ServerCredentials = {
    server: `http://127.0.0.1:${port}`,
    proxyUrl: null,
    tls: {},
    headers: async () => ({ authorization: 'Bearer secret' }),
  }
  return {
    credentials,
    hits,
    connections: () => connections,
    /** Cuts every open connection with a reset. */
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export const status = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  code,
})

export async function until(what: string, check: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!check()) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what}`)
    await sleep(10)
  }
}
