import type { ServerResponse } from 'node:http'
import { ApiError } from '../../types/errors.ts'
import type { Status } from '../../types/objects.ts'
import { NoSuchPath } from './request-info.ts'
import { addWarnings } from './warnings.ts'

/** What a failed request is told and what is written down of it. */
export interface FailureReport {
  status: Status
  /** True for a fault of this server, which belongs into its log. */
  internal: boolean
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  warnings: string[] = [],
  type?: string,
): void {
  addWarnings(response, warnings)
  sendJsonText(response, code, `${JSON.stringify(body)}\n`, type)
}

/** A body that is JSON already. */
export function sendJsonText(response: ServerResponse, code: number, json: string, type = 'application/json'): void {
  response.writeHead(code, {
    'content-type': type,
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(json),
  })
  response.end(json)
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

export function reportOf(error: unknown): FailureReport {
  if (error instanceof ApiError) return { status: error.status, internal: false }
  const why = error instanceof Error ? error.message : String(error)
  const wrapped = new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, {
    causes: [{ message: why }],
  })
  return { status: wrapped.status, internal: true }
}

/** Answers with the error; an answer that has begun can only be cut. */
export function sendError(response: ServerResponse, error: unknown): FailureReport {
  const report = reportOf(error)
  if (response.headersSent || response.writableEnded) {
    response.destroy()
    return report
  }
  if (error instanceof NoSuchPath) {
    sendText(response, 404, '404 page not found\n')
    return { ...report, internal: false }
  }
  const { status } = report
  if (status.details?.retryAfterSeconds !== undefined) {
    response.setHeader('retry-after', String(status.details.retryAfterSeconds))
  }
  if (status.code === 413) response.setHeader('connection', 'close')
  sendJson(response, status.code ?? 500, status)
  return report
}
