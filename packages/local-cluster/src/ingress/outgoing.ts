import type { IncomingMessage } from 'node:http'
import { changeHeaders, type Treatment } from './filters.ts'
import { endToEnd, forwarded } from './headers.ts'
import type { Mirrors, startMirrors } from './mirror.ts'
import type { Upstream } from './options.ts'

/** What else there is to do with a request. */
export interface Way {
  treatment: Treatment
  /** Those that are sent a copy. */
  mirrors: readonly Upstream[]
}

/** One attempt at an upstream. */
export interface Errand {
  signal: AbortSignal
  way: Way
  /** Starts the copies of the request with its first attempt; later ones share them. */
  copy(head: Parameters<typeof startMirrors>[1]): Mirrors
}

/** What is sent on in the place of the request's head. */
export function headOf(request: IncomingMessage, { path, host, requestHeaders }: Treatment) {
  const named = { ...endToEnd(request.headers), ...forwarded(request), ...(host === undefined ? {} : { host }) }
  return {
    method: request.method,
    path: path ?? request.url,
    headers: { ...changeHeaders(named, requestHeaders), ...bodyHeaders(request) },
  }
}

/** Lets copies have the body as it comes. */
export function pass(request: IncomingMessage, copies: Mirrors, hasBody: boolean): void {
  if (!hasBody) {
    copies.end()
    return
  }
  request.on('data', (chunk: Buffer) => copies.write(chunk))
  request.on('end', () => copies.end())
  request.on('close', () => {
    if (!request.complete) copies.abort()
  })
}

export const afterMs = (ms: number | undefined, then: () => void) =>
  ms === undefined ? undefined : setTimeout(then, ms)

/** The framing of the body, which is ours to choose again. */
function bodyHeaders(request: IncomingMessage): Record<string, string> {
  return request.headers['transfer-encoding'] === undefined ? {} : { 'transfer-encoding': 'chunked' }
}
