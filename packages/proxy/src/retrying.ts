import type { IncomingMessage } from 'node:http'
import type { Picker, Upstream } from './forwarder.ts'

const RETRY_MS = 100

/** One upstream that may be away for a moment: tried again until `holdMs` are over. */
export function retrying(upstream: Upstream, holdMs: number): Picker {
  const deadline = performance.now() + holdMs
  return async (refused) => {
    if (refused === null) return upstream
    if (performance.now() > deadline) return null
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    return upstream
  }
}

/** Host name of a request in lower case, without its port and a trailing dot. */
export function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
}
