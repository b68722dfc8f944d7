import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { KubeletEndpoints, PodProcess } from '../client.ts'
import type { ApiCore } from '../core/core.ts'
import { badRequest } from '../errors.ts'
import { asAuthorized, authenticate, authorize, type Credentials } from './auth.ts'
import { requireKubelet } from './log.ts'
import { forwardPorts } from './port-forward.ts'
import { endStatus, resizeOf } from './remote-command.ts'
import { flag, parseResourcePath, type ResourceRequest } from './request-info.ts'
import { reportOf } from './respond.ts'
import { acceptSpdy, isSpdy, spdyCommand, spdyForward, spdyProtocol } from './spdy/sessions.ts'
import { streamTarget } from './stream-target.ts'

/** Channels of the remote command protocol. Reference: k8s.io/apimachinery/pkg/util/remotecommand. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 }
/** Newest first. v5 adds the closing of stdin. */
const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const forwardProtocols = ['v4.channel.k8s.io']
const mostFrameBytes = 1024 * 1024
/** Output waits while this much has not been taken by the client. */
const mostBufferedBytes = 1024 * 1024

export interface StreamHandlerOptions {
  core: ApiCore
  credentials: Credentials
  kubelet(): KubeletEndpoints | null
  onInternalError(error: unknown, request: string): void
}

export interface StreamHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

/** exec, attach and port-forward over web sockets, and over SPDY for kubectl before 1.31. */
export function createStreamHandler(options: StreamHandlerOptions): StreamHandler {
  const sockets = new Set<WebSocket>()
  const spdySockets = new Set<Duplex>()
  const startSpdy = (request: IncomingMessage, socket: Duplex, head: Buffer, session: Session) => {
    const protocol = spdyProtocol(request, session.spdyProtocol)
    if (protocol === null) return refuse(socket, badRequest('unable to upgrade: unable to negotiate protocol'))
    spdySockets.add(socket)
    socket.once('close', () => spdySockets.delete(socket))
    acceptSpdy(socket, protocol)
    session.overSpdy(socket, head)
  }
  const server = new WebSocketServer({ noServer: true, maxPayload: mostFrameBytes, handleProtocols: chooseProtocol })
  return {
    upgrade(request, socket, head) {
      // A connection that breaks has nobody left to tell.
      socket.on('error', () => socket.destroy())
      const abort = new AbortController()
      socket.once('close', () => abort.abort())
      begin(options, request, abort)
        .then((session) => {
          if (isSpdy(request)) return startSpdy(request, socket, head, session)
          server.handleUpgrade(request, socket, head, (webSocket) => {
            sockets.add(webSocket)
            webSocket.on('close', () => sockets.delete(webSocket))
            webSocket.on('error', () => webSocket.terminate())
            session.overWebSocket(webSocket)
          })
        })
        .catch((error: unknown) => {
          if (reportOf(error).internal) options.onInternalError(error, `upgrade ${request.url ?? ''}`)
          refuse(socket, error)
        })
    },
    close() {
      for (const webSocket of sockets) webSocket.terminate()
      for (const socket of spdySockets) socket.destroy()
      server.close()
    },
  }
}

function chooseProtocol(offered: Set<string>, request: IncomingMessage): string | false {
  const known = request.url?.includes('/portforward') ? forwardProtocols : commandProtocols
  return known.find((protocol) => offered.has(protocol)) ?? false
}

interface Session {
  spdyProtocol: string
  overWebSocket(webSocket: WebSocket): void
  overSpdy(socket: Duplex, head: Buffer): void
}

/** Checks everything that can be refused with a plain HTTP answer, starts the command, and returns what runs the session. */
async function begin(
  options: StreamHandlerOptions,
  request: IncomingMessage,
  abort: AbortController,
): Promise<Session> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const identity = await authenticate(request, options.credentials)
  const parsed = parseResourcePath(options.core, url)
  authorize(identity, 'POST', url.pathname, asAuthorized(parsed))
  const { subresource, strategy, query } = parsed
  if (strategy.type.kind !== 'Pod' || !['exec', 'attach', 'portforward'].includes(subresource ?? '')) {
    throw badRequest('only exec, attach and portforward of pods take a web socket')
  }
  const { pod, node, container } = streamTarget(options.core, parsed)
  const kubelet = requireKubelet(options.kubelet(), node)
  if (subresource === 'portforward') {
    const connect = (port: number) => kubelet.connectPort(pod, port)
    const overSpdy = (socket: Duplex, head: Buffer) => spdyForward(socket, head, connect)
    // Over SPDY each stream names its port.
    if (isSpdy(request)) return { spdyProtocol: 'portforward.k8s.io', overSpdy, overWebSocket: () => undefined }
    const ports = query
      .getAll('ports')
      .flatMap((list) => list.split(','))
      .map(Number)
    if (ports.length === 0 || ports.length > 16 || ports.some((port) => !(port >= 1 && port <= 65535))) {
      throw badRequest('query parameter "ports" must name 1 to 16 ports between 1 and 65535')
    }
    return { spdyProtocol: '', overSpdy, overWebSocket: (webSocket) => forwardPorts(webSocket, ports, connect) }
  }
  const command = query.getAll('command')
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least 1 command for the container')
  const common = {
    container,
    tty: flag(query, 'tty'),
    signal: abort.signal,
  }
  const process = await (subresource === 'exec'
    ? kubelet.exec(pod, { ...common, command })
    : kubelet.attach(pod, common))
  const asked = ['stdin', 'stdout', ...(common.tty ? [] : ['stderr'])].filter((type) => flag(query, type))
  const wanted = new Set(['error', ...asked, ...(common.tty ? ['resize'] : [])])
  return {
    spdyProtocol: 'v4.channel.k8s.io',
    overSpdy: (socket, head) => spdyCommand(socket, head, process, wanted),
    overWebSocket: (webSocket) => runCommand(webSocket, process, parsed, abort),
  }
}

function refuse(socket: Duplex, error: unknown): void {
  const { status } = reportOf(error)
  const body = JSON.stringify(status)
  const code = status.code ?? 500
  socket.end(
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function runCommand(webSocket: WebSocket, process: PodProcess, parsed: ResourceRequest, abort: AbortController): void {
  const { query } = parsed
  const send = (channel: number, data: Buffer): void => {
    if (webSocket.readyState === webSocket.OPEN) webSocket.send(Buffer.concat([Buffer.from([channel]), data]))
  }
  const pump = (stream: PodProcess['stdout'] | null, channel: number, wanted: boolean): void => {
    if (stream === null) return
    stream.on('error', () => stream.destroy())
    stream.on('data', (data: Buffer) => {
      if (!wanted) return
      send(channel, data)
      if (webSocket.bufferedAmount > mostBufferedBytes) {
        stream.pause()
        resumeWhenTaken(webSocket, () => stream.resume())
      }
    })
  }
  pump(process.stdout, channels.stdout, query.get('stdout') === null || flag(query, 'stdout'))
  pump(process.stderr, channels.stderr, query.get('stderr') === null || flag(query, 'stderr'))
  process.stdin?.on('error', () => process.stdin?.destroy())
  webSocket.on('message', (data) => {
    const frame = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const rest = frame.subarray(1)
    if (frame[0] === channels.stdin) process.stdin?.write(rest)
    else if (frame[0] === channels.close && rest[0] === channels.stdin) process.stdin?.end()
    else if (frame[0] === channels.resize) {
      const size = resizeOf(rest)
      if (size !== null) process.resize(size)
    }
  })
  webSocket.on('close', () => {
    abort.abort()
    process.kill()
  })
  endStatus(process)
    .then((status) => {
      send(channels.error, Buffer.from(JSON.stringify(status)))
      webSocket.close(1000)
    })
    .catch(() => webSocket.terminate())
}

function resumeWhenTaken(webSocket: WebSocket, resume: () => void): void {
  const timer = setInterval(() => {
    if (webSocket.bufferedAmount > mostBufferedBytes / 2 && webSocket.readyState === webSocket.OPEN) return
    clearInterval(timer)
    resume()
  }, 20)
}
