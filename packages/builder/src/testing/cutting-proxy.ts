import { connect, createServer, type Socket } from 'node:net'

/** A connection to a server that is cut after so many bytes of the client's. */
export interface CuttingProxy {
  origin: string
  /** Cuts the next connection that has sent so many bytes. One number, one cut. */
  cutAfter(...bytes: number[]): void
  cuts(): number
  /** Bytes that the server was sent. */
  bytes(): number
  stop(): Promise<void>
}

export async function startCuttingProxy(origin: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(origin)
  const planned: number[] = []
  const open = new Set<Socket>()
  let [cuts, bytes] = [0, 0]
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let sent = 0
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (chunk: Buffer) => {
      sent += chunk.length
      const limit = planned[0]
      if (limit !== undefined && sent > limit) {
        planned.shift()
        cuts += 1
        // What came so far arrives; then the line is dead.
        const arrived = chunk.subarray(0, Math.max(0, chunk.length - (sent - limit)))
        bytes += arrived.length
        upstream.end(arrived, () => upstream.destroy())
        client.resetAndDestroy()
        return
      }
      bytes += chunk.length
      if (!upstream.write(chunk)) {
        client.pause()
        upstream.once('drain', () => client.resume())
      }
    })
    upstream.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`,
    cutAfter: (...bytes) => planned.push(...bytes),
    cuts: () => cuts,
    bytes: () => bytes,
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
