import type { LogLine } from '@slipway/domain'
import { nanosecondsOf } from './log-time.ts'

/** Lines that wait to be sent; beyond this the oldest are dropped and counted. */
const QUEUE_LINES = 5000
/** Lines of one batch. */
export const BATCH_LINES = 1000

/** A bounded buffer between many logs and one reader. */
export interface LogQueue {
  push(line: LogLine): void
  /** The oldest lines by time, at most BATCH_LINES, and how many were dropped before them. Null when there is nothing. */
  take(): { lines: LogLine[]; skipped: number } | null
  readonly length: number
}

export function createLogQueue(limit = QUEUE_LINES): LogQueue {
  // The time is read once a line: sorting compares it a dozen times.
  let waiting: { line: LogLine; nanoseconds: bigint }[] = []
  let skipped = 0
  const drop = () => {
    skipped += waiting.length - limit
    waiting = waiting.slice(-limit)
  }
  return {
    push(line) {
      waiting.push({ line, nanoseconds: nanosecondsOf(line.at) })
      // Dropping one at a time would copy the queue for every line.
      if (waiting.length >= limit * 1.25) drop()
    },
    take() {
      if (waiting.length === 0 && skipped === 0) return null
      if (waiting.length > limit) drop()
      waiting.sort((a, b) => (a.nanoseconds < b.nanoseconds ? -1 : a.nanoseconds > b.nanoseconds ? 1 : 0))
      const batch = { lines: waiting.slice(0, BATCH_LINES).map(({ line }) => line), skipped }
      waiting = waiting.slice(BATCH_LINES)
      skipped = 0
      return batch
    },
    get length() {
      return waiting.length
    },
  }
}
