import type { IncomingMessage } from 'node:http'
import { endToEnd, forwarded } from './headers.ts'

/** What is sent on in the place of the request's head. */
export function headOf(request: IncomingMessage) {
  return {
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), ...forwarded(request), ...bodyHeaders(request) },
  }
}

/** The framing of the body, which is ours to choose again. */
function bodyHeaders(request: IncomingMessage): Record<string, string> {
  return request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }
}
