import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy whose connections can be cut at any moment, as networks, balancers and restarts do. */
export interface CuttingProxy {
  port: number
  /** Resets every connection that is open now; answers how many. */
  cut(): number
  /** From now on connections are reset as soon as they come, or no more. */
  refuse(refusing: boolean): void
  close(): Promise<void>
}

export async function startCuttingProxy(target: { host: string; port: number }): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let refusing = false
  const server = createServer((client) => {
    client.on('error', () => client.destroy())
    if (refusing) {
      client.resetAndDestroy()
      return
    }
    const upstream = connect(target.port, target.host)
    upstream.on('error', () => client.destroy())
    client.pipe(upstream).pipe(client)
    sockets.add(client)
    client.on('close', () => {
      sockets.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      const open = sockets.size
      for (const socket of sockets) socket.resetAndDestroy()
      return open
    },
    refuse(next) {
      refusing = next
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
