import type { IncomingMessage } from 'node:http'
import { HOOK_PACE, watchBody } from '../server/body-pace.ts'

/** Payloads may be at most this large: GitHub sends up to 25 MB. */
const HOOK_BODY_LIMIT_BYTES = 25 * 1024 * 1024
/** Bodies are kept whole until their signature is checked, which nobody can before: all of them together take at most this. */
const BODIES_LIMIT_BYTES = 128 * 1024 * 1024

/** Body of a request: whole, or why it is not. `busy`: others take all the memory there is for it. */
export type Body = { whole: true; bytes: Buffer } | { whole: false; why: 'too large' | 'cut' | 'busy' | 'slow' }

/** Bytes of bodies that are being read. */
export interface Budget {
  used: number
}

/** What is answered in place of a body. */
export const CUT = {
  'too large': {
    status: 413,
    reason: `The payload is larger than ${HOOK_BODY_LIMIT_BYTES / 1024 ** 2} MiB. Push fewer commits at once, or let the webhook send push events alone.`,
  },
  cut: { status: 400, reason: 'The request ended before its body did.' },
  slow: {
    status: 408,
    reason: 'The body arrived too slowly: after ten seconds it must arrive at 128 KiB/s or faster.',
  },
  busy: { status: 503, reason: 'Too many large payloads arrived at once. Redeliver it in a moment.' },
} as const

/** Reads a body within its limit, its time and the budget, from which a whole one goes when the caller is done with it. */
export function readBody(request: IncomingMessage, budget: Budget): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    let ended = false
    const end = (body: Body) => {
      if (ended) return
      ended = true
      request.removeAllListeners('data')
      request.resume()
      if (!body.whole) budget.used -= size
      resolve(body)
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      budget.used += chunk.length
      chunks.push(chunk)
      if (size > HOOK_BODY_LIMIT_BYTES) end({ whole: false, why: 'too large' })
      else if (budget.used > BODIES_LIMIT_BYTES) end({ whole: false, why: 'busy' })
    })
    watchBody(request, HOOK_PACE, () => end({ whole: false, why: 'slow' }))
    request.on('end', () => end({ whole: true, bytes: Buffer.concat(chunks) }))
    request.on('error', () => end({ whole: false, why: 'cut' }))
    request.on('close', () => end({ whole: false, why: 'cut' }))
  })
}
