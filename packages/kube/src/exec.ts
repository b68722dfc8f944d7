import { WebSocket } from 'ws'
import { z } from 'zod'
import type { ExecOptions, ExecResult, PodRef } from './cluster.ts'
import { toKubeApiError } from './errors.ts'
import { Pods } from './kinds.ts'
import { pathOf } from './objects.ts'
import type { Transport } from './transport.ts'

/** Channels of the remote-command protocol; v5 adds CLOSE so that stdin can end. */
const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const CLOSE = 255
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024

const statusSchema = z.object({
  status: z.string().optional(),
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z.object({ causes: z.array(z.object({ reason: z.string(), message: z.string() })).optional() }).optional(),
})

/**
 * Runs a command in a container over a WebSocket.
 * Reference: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (exec), KEP-4006.
 * @throws KubeApiError when the API server refuses, Error when the connection is cut before the exit code is known.
 */
export async function exec(transport: Transport, pod: PodRef, options: ExecOptions): Promise<ExecResult> {
  const { credentials } = transport
  const url = new URL(`${credentials.server.replace(/\/+$/, '')}${pathOf(Pods, pod.namespace, pod.name)}/exec`)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.searchParams.set('container', options.container)
  for (const argument of options.command) url.searchParams.append('command', argument)
  url.searchParams.set('stdout', 'true')
  url.searchParams.set('stderr', 'true')
  if (options.stdin !== undefined) url.searchParams.set('stdin', 'true')
  const socket = new WebSocket(url, PROTOCOLS, { headers: await credentials.headers(), ...credentials.tls })
  return converse(socket, options)
}

function converse(socket: WebSocket, options: ExecOptions): Promise<ExecResult> {
  const maxBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES
  const output = { [STDOUT]: '', [STDERR]: '' }
  return new Promise((resolve, reject) => {
    let exitCode: number | null = null
    const abort = () => {
      socket.terminate()
      reject(options.signal.reason)
    }
    if (options.signal.aborted) return abort()
    options.signal.addEventListener('abort', abort, { once: true })
    socket.on('open', () => {
      if (options.stdin === undefined) return
      socket.send(Buffer.concat([Buffer.of(STDIN), Buffer.from(options.stdin)]))
      if (socket.protocol === PROTOCOLS[0]) socket.send(Buffer.of(CLOSE, STDIN))
    })
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body = (body + chunk).slice(0, 64 * 1024)
      })
      response.on('end', () => reject(toKubeApiError(response.statusCode ?? 0, body)))
    })
    socket.on('message', (data: Buffer) => {
      const channel = data[0]
      const text = data.subarray(1).toString('utf8')
      if (channel === STDOUT || channel === STDERR) output[channel] = (output[channel] + text).slice(0, maxBytes)
      if (channel === ERROR) exitCode = exitCodeOf(text)
    })
    socket.on('error', reject)
    socket.on('close', () => {
      options.signal.removeEventListener('abort', abort)
      if (exitCode === null) reject(new Error('the connection ended before the command did'))
      else resolve({ exitCode, stdout: output[STDOUT], stderr: output[STDERR] })
    })
  })
}

function exitCodeOf(text: string): number {
  const status = statusSchema.parse(JSON.parse(text))
  if (status.status === 'Success') return 0
  const cause = status.details?.causes?.find((each) => each.reason === 'ExitCode')
  if (cause !== undefined) return Number(cause.message)
  throw toKubeApiError(500, text)
}
