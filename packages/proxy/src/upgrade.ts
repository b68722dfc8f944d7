import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import type { Duplex } from 'node:stream'
import type { Upstream } from './forwarder.ts'
import { forwarded } from './headers.ts'

/** A connection to the upstream; null where it takes none. */
export function connect(upstream: Upstream): Promise<net.Socket | null> {
  return new Promise((resolve) => {
    const connection = net.connect(upstream.port, upstream.host)
    connection.once('connect', () => resolve(connection))
    connection.once('error', () => resolve(null))
  })
}

/** Sends the request with who asked, then passes bytes both ways until either side ends. */
export function splice(request: IncomingMessage, socket: Duplex, head: Buffer, connection: net.Socket): void {
  const came: [string, string][] = []
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    came.push([request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? ''])
  }
  const before = { ...request.headers } as Record<string, string | string[]>
  const after: typeof before = { ...before, ...forwarded(request) }
  // What is not changed goes as it came, in its own letters.
  const lines = came.filter(([name]) => after[name.toLowerCase()] === before[name.toLowerCase()])
  for (const [name, value] of Object.entries(after)) {
    if (value === before[name]) continue
    for (const each of [value].flat()) lines.push([name, each])
  }
  const start = `${request.method} ${request.url} HTTP/1.1`
  connection.write(`${[start, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`)
  connection.write(head)
  connection.setNoDelay(true)
  const end = () => {
    connection.destroy()
    socket.destroy()
  }
  connection.on('error', end)
  socket.on('error', end)
  connection.on('close', end)
  socket.on('close', end)
  connection.pipe(socket)
  socket.pipe(connection)
}
