import { type RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { PodRef, RemoteCommand, RemoteCommandOptions } from './cluster.ts'
import { toKubeApiError } from './errors.ts'
import { Pods } from './kinds.ts'
import { pathOf } from './objects.ts'
import type { Transport } from './transport.ts'

/** Channels of the remote-command protocol; v5 adds CLOSE so that stdin can end. */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
/** Keeps proxies from cutting a quiet terminal, and finds a peer that is gone. */
const PING_MS = 15_000
const OPEN_TIMEOUT_MS = 30_000
const MAX_FRAME_BYTES = 16 * 1024 * 1024

const statusSchema = z.object({
  status: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z.object({ causes: z.array(z.object({ reason: z.string(), message: z.string() })).optional() }).optional(),
})

/**
 * Opens `exec` or `attach` of a pod over a WebSocket; resolves once it is open.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (exec, attach), KEP-4006.
 * @throws KubeApiError when the API server refuses, Error when nothing answers
 */
export async function openRemoteCommand(
  transport: Transport,
  pod: PodRef,
  what: { subresource: 'attach' } | { subresource: 'exec'; command: readonly string[] },
  options: RemoteCommandOptions,
): Promise<RemoteCommand> {
  const { credentials } = transport
  const path = `${pathOf(Pods, pod.namespace, pod.name)}/${what.subresource}`
  const url = new URL(`${credentials.server.replace(/\/+$/, '')}${path}`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const { searchParams: query } = url
  query.set('container', options.container)
  for (const argument of what.subresource === 'exec' ? what.command : []) query.append('command', argument)
  const streams = { stdin: options.stdin, stdout: options.output, stderr: options.output && !options.tty }
  for (const [name, wanted] of Object.entries({ ...streams, tty: options.tty })) query.set(name, String(wanted))
  const socket = new WebSocket(url, PROTOCOLS, {
    headers: await credentials.headers(),
    ...credentials.tls,
    handshakeTimeout: OPEN_TIMEOUT_MS,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  })
  const command = converse(socket, options)
  // Who only waits for it to open is told by the line below.
  command.ended.catch(() => undefined)
  await opened(socket)
  return command
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection ended before it was open')))
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body = (body + chunk).slice(0, 64 * 1024)
      })
      response.on('end', () => {
        reject(toKubeApiError(response.statusCode ?? 0, body))
        socket.terminate()
      })
    })
  })
}

function converse(socket: WebSocket, { onOutput }: RemoteCommandOptions): RemoteCommand {
  const ended = Promise.withResolvers<{ exitCode: number }>()
  const stopPings = keepAlive(socket)
  const send = (channel: number, data: Uint8Array | string) => {
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(data)]))
  }
  socket.on('message', (raw: RawData) => {
    const data = Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw as Buffer)
    const rest = data.subarray(1)
    if (data[0] === CHANNEL.stdout && rest.length > 0) onOutput('stdout', rest)
    if (data[0] === CHANNEL.stderr && rest.length > 0) onOutput('stderr', rest)
    if (data[0] === CHANNEL.error) settle(ended, rest.toString('utf8'))
  })
  socket.on('error', ended.reject)
  socket.on('close', () => {
    stopPings()
    // Without effect where the status came first.
    ended.reject(new Error('the connection ended before the command did'))
  })
  return {
    ended: ended.promise,
    write: (data) => send(CHANNEL.stdin, data),
    endInput() {
      if (socket.protocol === PROTOCOLS[0]) send(CHANNEL.close, Buffer.of(CHANNEL.stdin))
      else socket.close()
    },
    resize: ({ columns, rows }) => send(CHANNEL.resize, JSON.stringify({ Width: columns, Height: rows })),
    backlogBytes: () => socket.bufferedAmount,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
  }
}

function settle(ended: PromiseWithResolvers<{ exitCode: number }>, text: string): void {
  try {
    ended.resolve({ exitCode: exitCodeOf(text) })
  } catch (error) {
    ended.reject(error)
  }
}

function exitCodeOf(text: string): number {
  const status = statusSchema.parse(JSON.parse(text))
  if (status.status === 'Success') return 0
  const cause = status.details?.causes?.find((each) => each.reason === 'ExitCode')
  if (cause !== undefined) return Number(cause.message)
  throw toKubeApiError(500, text)
}

/** A peer that has answered nothing between two pings is gone. */
function keepAlive(socket: WebSocket): () => void {
  let isHeard = true
  const hear = () => {
    isHeard = true
  }
  socket.on('pong', hear)
  socket.on('message', hear)
  const timer = setInterval(() => {
    // One that we do not read from cannot be heard.
    if (socket.readyState !== WebSocket.OPEN || socket.isPaused) return
    if (!isHeard) return socket.terminate()
    isHeard = false
    socket.ping()
  }, PING_MS)
  return () => clearInterval(timer)
}
