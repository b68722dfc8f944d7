import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { killGroup } from './git.ts'

/** Headers of a CGI answer end within this many bytes, or the answer is not one. */
const HEADER_LIMIT_BYTES = 16 * 1024
/** A client that reads or sends nothing for this long is let go. */
const IDLE_MS = 10 * 60_000

export interface BackendRequest {
  request: IncomingMessage
  response: ServerResponse
  env: NodeJS.ProcessEnv
  /** Bytes of request body that are taken; one more ends the exchange. */
  bodyLimitBytes: number
  onStderr: (line: string) => void
}

export interface BackendResult {
  exitCode: number | null
  receivedBytes: number
  tooLarge: boolean
  clientGone: boolean
}

/**
 * Answers one request of the smart HTTP protocol with `git http-backend` (CGI, RFC 3875), streaming both ways. A gzip
 * body is passed on as it is: the backend inflates it (HTTP_CONTENT_ENCODING).
 */
export function runHttpBackend(exchange: BackendRequest): Promise<BackendResult> {
  const { request, response } = exchange
  if (Number(request.headers['content-length'] ?? 0) > exchange.bodyLimitBytes) {
    const refused = { exitCode: null, receivedBytes: 0, tooLarge: true, clientGone: false }
    finish(response, refused)
    return Promise.resolve(refused)
  }
  const child = spawn('git', ['http-backend'], { env: exchange.env, stdio: 'pipe', detached: true })
  const result: BackendResult = { exitCode: null, receivedBytes: 0, tooLarge: false, clientGone: false }
  response.socket?.setTimeout(IDLE_MS)
  request.on('data', (chunk: Buffer) => {
    result.receivedBytes += chunk.length
    if (result.receivedBytes <= exchange.bodyLimitBytes) return
    result.tooLarge = true
    request.unpipe(child.stdin)
    child.stdin.destroy()
    killGroup(child.pid)
  })
  // EPIPE: the backend refused early and went; its answer is on its way.
  child.stdin.on('error', () => request.resume())
  request.pipe(child.stdin)

  response.on('close', () => {
    if (response.writableFinished) return
    result.clientGone = true
    killGroup(child.pid)
  })
  relayLines(child.stderr, exchange.onStderr)
  relayAnswer(child.stdout, response, result)

  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      result.exitCode = code
      finish(response, result)
      resolve(result)
    })
  })
}

function finish(response: ServerResponse, result: BackendResult): void {
  if (response.writableEnded || result.clientGone) return
  if (response.headersSent) {
    response.end()
    return
  }
  const status = result.tooLarge ? 413 : 500
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(
    result.tooLarge
      ? 'This push is too large. A push may be at most 512 MiB; leave large files out of the repository.\n'
      : 'git could not answer this request. Try again; if it happens again, see the platform’s log.\n',
  )
}

/** Parses the CGI header block, then streams the rest with back-pressure. */
function relayAnswer(stdout: NodeJS.ReadableStream, response: ServerResponse, result: BackendResult): void {
  let head: Buffer | null = Buffer.alloc(0)
  const write = (chunk: Buffer) => {
    if (result.clientGone || response.writableEnded) return
    if (!response.write(chunk)) {
      stdout.pause()
      response.once('drain', () => stdout.resume())
    }
  }
  stdout.on('data', (chunk: Buffer) => {
    if (head === null) {
      write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = headerEnd(head)
    if (end === null) {
      if (head.length > HEADER_LIMIT_BYTES) head = null
      return
    }
    const { status, headers } = parseCgiHeader(head.subarray(0, end.at).toString('latin1'))
    if (!result.clientGone && !response.headersSent) response.writeHead(status, headers)
    const rest = head.subarray(end.at + end.length)
    head = null
    if (rest.length > 0) write(rest)
  })
}

function headerEnd(head: Buffer): { at: number; length: number } | null {
  const crlf = head.indexOf('\r\n\r\n')
  const lf = head.indexOf('\n\n')
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { at: crlf, length: 4 }
  return lf >= 0 ? { at: lf, length: 2 } : null
}

/** Exported for its tests. */
export function parseCgiHeader(block: string): { status: number; headers: Record<string, string> } {
  let status = 200
  const headers: Record<string, string> = {}
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === 'status') status = Number.parseInt(value, 10) || 500
    else headers[name] = value
  }
  return { status, headers }
}

function relayLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(-4096)
    for (const line of lines) if (line.trim() !== '') onLine(line.slice(0, 1000))
  })
}
