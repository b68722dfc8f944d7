import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { KubeletEndpoints, PodProcess } from '../../types/client.ts'
import { badRequest } from '../../types/errors.ts'
import type { ApiCore } from '../core/core.ts'
import { type Authorizer, authenticate, type Credentials } from './auth.ts'
import { requireKubelet } from './log.ts'
import { endStatus, resizeOf } from './remote-command.ts'
import { flag, parseResourcePath, type ResourceRequest } from './request-info.ts'
import { reportOf } from './respond.ts'
import { streamTarget } from './stream-target.ts'

/** Channels of the remote command protocol. Reference: k8s.io/apimachinery/pkg/util/remotecommand. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 }
/** Newest first. v5 adds the closing of stdin. */
const commandProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const mostFrameBytes = 1024 * 1024
/** Output waits while this much has not been taken by the client. */
const mostBufferedBytes = 1024 * 1024

export interface StreamHandlerOptions {
  core: ApiCore
  credentials: Credentials
  authorizer: Authorizer
  kubelet(): KubeletEndpoints | null
  onInternalError(error: unknown, request: string): void
}

export interface StreamHandler {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): void
}

/** exec and attach over web sockets, as kubectl has them since 1.31. */
export function createStreamHandler(options: StreamHandlerOptions): StreamHandler {
  const sockets = new Set<WebSocket>()
  const server = new WebSocketServer({ noServer: true, maxPayload: mostFrameBytes, handleProtocols: chooseProtocol })
  return {
    upgrade(request, socket, head) {
      // A connection that breaks has nobody left to tell.
      socket.on('error', () => socket.destroy())
      const abort = new AbortController()
      socket.once('close', () => abort.abort())
      begin(options, request, abort)
        .then((run) => {
          server.handleUpgrade(request, socket, head, (webSocket) => {
            sockets.add(webSocket)
            webSocket.on('close', () => sockets.delete(webSocket))
            webSocket.on('error', () => webSocket.terminate())
            run(webSocket)
          })
        })
        .catch((error: unknown) => {
          if (reportOf(error).internal) options.onInternalError(error, `upgrade ${request.url ?? ''}`)
          refuse(socket, error)
        })
    },
    close() {
      for (const webSocket of sockets) webSocket.terminate()
      server.close()
    },
  }
}

function chooseProtocol(offered: Set<string>): string | false {
  return commandProtocols.find((protocol) => offered.has(protocol)) ?? false
}

/** Checks everything that can be refused with a plain HTTP answer, starts the command, and returns what runs the session. */
async function begin(
  options: StreamHandlerOptions,
  request: IncomingMessage,
  abort: AbortController,
): Promise<(webSocket: WebSocket) => void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const user = await authenticate(request, options.credentials)
  // A command is more than reading: since 1.35 `get` alone opens no web socket.
  for (const method of ['GET', 'POST']) options.authorizer.authorize(user, method, url)
  const parsed = parseResourcePath(options.core, url)
  const { subresource, strategy, query } = parsed
  if (strategy.type.kind !== 'Pod' || (subresource !== 'exec' && subresource !== 'attach')) {
    throw badRequest('only exec and attach of pods take a web socket')
  }
  const { pod, node, container } = streamTarget(options.core, parsed)
  const kubelet = requireKubelet(options.kubelet(), node)
  const command = query.getAll('command')
  if (subresource === 'exec' && command.length === 0)
    throw badRequest('you must specify at least 1 command for the container')
  const common = { container, tty: flag(query, 'tty'), signal: abort.signal }
  const process = await (subresource === 'exec'
    ? kubelet.exec(pod, { ...common, command })
    : kubelet.attach(pod, common))
  return (webSocket) => runCommand(webSocket, process, parsed, abort)
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
