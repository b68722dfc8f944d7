import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PodProcess } from '../../client.ts'
import { endStatus, resizeOf } from '../remote-command.ts'
import { SpdyConnection, type SpdyStream } from './connection.ts'

/** How long the client may take to open the streams of a command. Reference: DefaultStreamCreationTimeout of the kubelet. */
const openWithinMs = 30_000

export const isSpdy = (request: IncomingMessage) => /^spdy\/3\.1$/i.test(request.headers.upgrade ?? '')

/** The first protocol of ours that the client offers; null when there is none. */
export function spdyProtocol(request: IncomingMessage, known: string): string | null {
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
  return offered.split(',').some((protocol) => protocol.trim() === known) ? known : null
}

export function acceptSpdy(socket: Duplex, protocol: string): void {
  const lines = ['Upgrade: SPDY/3.1', 'Connection: Upgrade', `X-Stream-Protocol-Version: ${protocol}`]
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
}

/**
 * A command over the streams that the client opens for it, each with its `streamtype`.
 * Reference: k8s.io/kubelet/pkg/cri/streaming/remotecommand, v4.channel.k8s.io.
 */
export function spdyCommand(socket: Duplex, head: Buffer, process: PodProcess, wanted: ReadonlySet<string>): void {
  const streams = new Map<string, SpdyStream>()
  const tooLate = setTimeout(() => socket.destroy(), openWithinMs)
  const connection = new SpdyConnection(socket, (stream) => {
    const type = stream.headers.get('streamtype') ?? ''
    if (!wanted.has(type) || streams.has(type)) return void stream.destroy()
    streams.set(type, stream)
    if (streams.size < wanted.size) return
    clearTimeout(tooLate)
    connect(connection, process, streams)
  })
  socket.once('close', () => {
    clearTimeout(tooLate)
    process.kill()
  })
  void connection.run(head)
}

function connect(connection: SpdyConnection, process: PodProcess, streams: ReadonlyMap<string, SpdyStream>): void {
  const output = (source: PodProcess['stdout'] | null, type: string) => {
    const stream = streams.get(type)
    if (stream !== undefined) source?.pipe(stream)
    // Nobody asked for it: the command must not wait until it is read.
    else source?.resume()
  }
  output(process.stdout, 'stdout')
  output(process.stderr, 'stderr')
  process.stdin?.on('error', () => process.stdin?.destroy())
  if (process.stdin !== null) streams.get('stdin')?.pipe(process.stdin)
  streams.get('resize')?.on('data', (data: Buffer) => {
    const size = resizeOf(data)
    if (size !== null) process.resize(size)
  })
  void endStatus(process).then((status) => {
    // Output that is on its way goes first: one socket keeps the order.
    streams.get('error')?.end(JSON.stringify(status), () => connection.end())
  })
}

/** Each connection to a port is a pair of streams, `data` and `error`, with one `requestid`. Reference: portforward.k8s.io. */
export function spdyForward(socket: Duplex, head: Buffer, connectTo: (port: number) => Promise<Socket>): void {
  const pairs = new Map<string, Partial<Record<string, SpdyStream>>>()
  const connection = new SpdyConnection(socket, (stream) => {
    const id = stream.headers.get('requestid') ?? stream.headers.get('port') ?? ''
    const pair = { ...pairs.get(id), [stream.headers.get('streamtype') ?? '']: stream }
    pairs.set(id, pair)
    if (pair.data === undefined || pair.error === undefined) return
    pairs.delete(id)
    void forward(pair.data, pair.error, connectTo)
  })
  void connection.run(head)
}

async function forward(data: SpdyStream, error: SpdyStream, connectTo: (port: number) => Promise<Socket>) {
  const port = Number(data.headers.get('port'))
  try {
    if (!(port >= 1 && port <= 65535)) throw new Error(`${data.headers.get('port')} is no port`)
    const upstream = await connectTo(port)
    upstream.on('error', () => data.destroy())
    data.once('close', () => upstream.destroy())
    upstream.pipe(data)
    data.pipe(upstream)
    error.end()
  } catch (failure) {
    error.end(failure instanceof Error ? failure.message : String(failure))
    data.end()
  }
}
