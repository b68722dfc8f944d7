import { type Bell, pause } from '../../server/pause.ts'
import type { LiveConnection } from '../context.ts'

/** A client that has this much left to read is sent nothing more. */
const BACKLOG_BYTES = 256 * 1024
const CHECK_MS = 50

/** Yields at once, then after each ring once the client has read what it was sent: a slow one gets the newest state instead of a queue. */
export async function* rounds(
  bell: Bell,
  connection: LiveConnection | undefined,
  signal: AbortSignal,
): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield
    await bell.heard(Number.POSITIVE_INFINITY, signal)
    while (connection !== undefined && connection.backlogBytes() > BACKLOG_BYTES && !signal.aborted) {
      await pause(CHECK_MS, signal)
    }
  }
}
