import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'

/**
 * Port forwarding over one web socket: two channels a port (data, error), each opened with the port's number.
 * Reference: k8s.io/kubelet/pkg/cri/streaming/portforward (v4 web socket protocol).
 */
export function forwardPorts(webSocket: WebSocket, ports: number[], connect: (port: number) => Promise<Socket>): void {
  const connections: (Socket | null)[] = []
  const send = (channel: number, data: Buffer) => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.from([channel]), data]))
  }
  const waiting: Buffer[][] = ports.map(() => [])
  for (const [index, port] of ports.entries()) {
    const number = Buffer.alloc(2)
    number.writeUInt16LE(port)
    send(index * 2, number)
    send(index * 2 + 1, number)
    connect(port)
      .then((socket) => {
        if (webSocket.readyState !== webSocket.OPEN) {
          socket.destroy()
          return
        }
        connections[index] = socket
        for (const data of waiting[index] ?? []) socket.write(data)
        waiting[index] = []
        socket.on('data', (data: Buffer) => send(index * 2, data))
        socket.on('error', (error) => send(index * 2 + 1, Buffer.from(error.message)))
        socket.on('close', () => webSocket.close(1000))
      })
      .catch((error: unknown) => {
        send(index * 2 + 1, Buffer.from(error instanceof Error ? error.message : String(error)))
      })
  }
  webSocket.on('message', (data) => {
    const frame = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const channel = frame[0] ?? 1
    if (channel % 2 === 1) return
    const index = channel / 2
    const socket = connections[index]
    if (socket !== undefined && socket !== null) socket.write(frame.subarray(1))
    else if ((waiting[index]?.length ?? mostWaitingFrames) < mostWaitingFrames) waiting[index]?.push(frame.subarray(1))
  })
  webSocket.on('close', () => {
    for (const socket of connections) socket?.destroy()
  })
}

/** Frames kept while the connection to the pod is being made. */
const mostWaitingFrames = 64
