import { connect } from 'node:http2'
import type { HandlerResult } from './handler-result.ts'
import type { ProbeTarget } from './probe-target.ts'

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
const MAX_ANSWER_BYTES = 64 * 1024
/** Status codes of gRPC that say something of their own here. */
const GRPC = { ok: '0', notFound: '5', unimplemented: '12' }

/**
 * Asks a server for its health by gRPC. Never rejects.
 * Reference: https://github.com/grpc/grpc/blob/master/doc/health-checking.md, pkg/probe/grpc of k8s.io/kubernetes.
 */
export function grpcHealth(to: ProbeTarget, service: string, timeoutMs: number): Promise<HandlerResult> {
  return new Promise((resolve) => {
    const session = connect(`http://${to.host}:${to.port}`)
    const end = (ok: boolean, message: string) => {
      clearTimeout(timer)
      session.destroy()
      resolve({ ok, message })
    }
    const where = `"${to.shown}" within ${timeoutMs / 1000}s`
    const timer = setTimeout(
      () => end(false, `timeout: failed to connect service ${where}: context deadline exceeded`),
      timeoutMs,
    )
    session.on('error', (error) => end(false, `error: failed to connect service ${where}: ${error.message}`))
    const headers = {
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    }
    const stream = session.request(headers)
    let answer = Buffer.alloc(0)
    let status: string | undefined
    const note = (fields: Record<string, unknown>) => {
      if (fields['grpc-status'] !== undefined) status = String(fields['grpc-status'])
    }
    stream.on('response', note)
    stream.on('trailers', note)
    stream.on('data', (chunk: Buffer) => {
      if (answer.length < MAX_ANSWER_BYTES) answer = Buffer.concat([answer, chunk])
    })
    stream.on('error', (error) => end(false, `error: health rpc failed: ${error.message}`))
    stream.on('end', () => end(...verdict(status, answer)))
    stream.end(requestFor(service))
  })
}

/** HealthCheckRequest with its frame: field 1, the service's name. */
function requestFor(service: string): Buffer {
  const name = Buffer.from(service).subarray(0, 127)
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name])
  const frame = Buffer.alloc(5)
  frame.writeUInt32BE(message.length, 1)
  return Buffer.concat([frame, message])
}

function verdict(status: string | undefined, answer: Buffer): [ok: boolean, message: string] {
  if (status === GRPC.unimplemented || status === undefined) {
    return [false, 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)']
  }
  if (status === GRPC.notFound) return [false, 'service unhealthy (responded with "SERVICE_UNKNOWN")']
  if (status !== GRPC.ok) return [false, `error: health rpc failed with status ${status}`]
  // HealthCheckResponse: field 1, a small number; absent: 0.
  const said = answer[5] === 0x08 ? (answer[6] ?? 0) : 0
  const text = STATUSES[said] ?? String(said)
  return text === 'SERVING' ? [true, `service healthy`] : [false, `service unhealthy (responded with "${text}")`]
}
