import type { IncomingMessage } from 'node:http'

/** How fast a request's body has to come. */
export interface BodyPace {
  /** For a start, whatever the size. */
  graceMs: number
  /** On average, after that. */
  bytesPerSecond: number
}

/** API calls and the console's forms are small. */
export const API_PACE: BodyPace = { graceMs: 15_000, bytesPerSecond: 16 * 1024 }
/** Git hosts send their payloads at once. */
export const HOOK_PACE: BodyPace = { graceMs: 10_000, bytesPerSecond: 128 * 1024 }
/** git may compress for minutes before its first byte, and lines are slow. */
export const PACK_PACE: BodyPace = { graceMs: 5 * 60_000, bytesPerSecond: 1024 }

const CHECK_MS = 1000

/**
 * Calls `onSlow` once when a body comes slower than its pace. Time during which it waits for us (it is paused, or what came was not read
 * yet) does not count. Nothing is read here.
 */
export function watchBody(request: IncomingMessage, { graceMs, bytesPerSecond }: BodyPace, onSlow: () => void): void {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0
  if (!hasBody || request.complete) return
  const { socket } = request
  const before = socket.bytesRead
  let waitedMs = 0
  const timer = setInterval(() => {
    if (request.complete || request.destroyed) return clearInterval(timer)
    if (request.isPaused() || request.readableLength > 0) return
    waitedMs += CHECK_MS
    if (waitedMs <= graceMs + ((socket.bytesRead - before) / bytesPerSecond) * 1000) return
    clearInterval(timer)
    onSlow()
  }, CHECK_MS)
  timer.unref()
  request.once('close', () => clearInterval(timer))
}
