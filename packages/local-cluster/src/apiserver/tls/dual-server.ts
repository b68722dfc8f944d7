import type { IncomingMessage } from 'node:http'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createNetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsIdentity } from './certificate.ts'

export interface DualServer {
  listen(port: number, host: string): Promise<number>
  /** Cuts every connection and frees the port. */
  close(): Promise<void>
}

/** First byte of a TLS handshake. */
const tlsHandshake = 0x16
/** How long a connection may stay silent before it says which protocol it speaks. */
const firstByteTimeoutMs = 60_000

/** HTTP and HTTPS on one port, told apart by the first byte: clients of the API use TLS, the image registry plain HTTP. */
export function createDualServer(
  identity: TlsIdentity,
  onRequest: RequestListener,
  onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): DualServer {
  const plain = createHttpServer(onRequest)
  const secure = createHttpsServer({ key: identity.key, cert: identity.certificate, minVersion: 'TLSv1.2' }, onRequest)
  for (const server of [plain, secure]) prepare(server, onUpgrade)
  const sockets = new Set<Socket>()
  const front = createNetServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.setTimeout(firstByteTimeoutMs, () => socket.destroy())
    // A client that leaves before it said anything is no error; afterwards the chosen server listens for them.
    const leave = () => socket.destroy()
    socket.on('error', leave)
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.setTimeout(0)
      socket.unshift(first)
      socket.off('error', leave)
      const server = first[0] === tlsHandshake ? secure : plain
      server.emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        front.once('error', reject)
        front.listen(port, host, () => {
          const address = front.address()
          resolve(typeof address === 'object' && address !== null ? address.port : port)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve())
        plain.closeAllConnections()
        secure.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function prepare(server: Server, onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void {
  server.on('upgrade', onUpgrade)
  server.on('clientError', (_error, socket) => socket.destroy())
  // Watches last for long; only the arrival of a request is bounded. Image layers may take a while.
  server.requestTimeout = 30 * 60_000
  server.keepAliveTimeout = 60_000
}
