import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Target } from './endpoints.ts'

/** Connections of one port that are open at once. */
const MAX_CONNECTIONS = 4_096

/** Takes connections and passes them on, to each target in turn; a target that refuses is followed by the next. */
export interface Listener {
  close(): void
}

/** @throws Error with `code` EADDRINUSE, EACCES or EADDRNOTAVAIL when it cannot listen there. */
export function listenAt(address: string, port: number, targets: () => Promise<Target[]>): Promise<Listener> {
  let turn = 0
  const open = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    turn += 1
    void forward(client, targets, turn)
  })
  server.maxConnections = MAX_CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, exclusive: true }, () => {
      server.removeListener('error', reject)
      // A listener that breaks later takes no more connections; the next look at the Service opens it again.
      server.on('error', () => server.close())
      resolve({
        close() {
          server.close()
          for (const socket of open) socket.destroy()
        },
      })
    })
  })
}

async function forward(client: Socket, targets: () => Promise<Target[]>, turn: number): Promise<void> {
  const found = await targets().catch(() => [])
  for (let index = 0; index < found.length; index += 1) {
    const target = found[(turn + index) % found.length]
    if (target === undefined || client.destroyed) break
    const upstream = await open(target)
    if (upstream === null) continue
    if (client.destroyed) {
      upstream.destroy()
      return
    }
    splice(client, upstream)
    return
  }
  // Nobody there: refused, as far as a connection that was taken can be.
  client.resetAndDestroy()
}

function open(target: Target): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, allowHalfOpen: true })
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', () => resolve(null))
  })
}

function splice(client: Socket, upstream: Socket): void {
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroy())
  client.setNoDelay(true)
  upstream.setNoDelay(true)
  client.pipe(upstream)
  upstream.pipe(client)
  client.resume()
}
