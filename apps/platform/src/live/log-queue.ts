import type { LogLine } from '@slipway/domain'

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

export function createLogQueue(compare: (a: LogLine, b: LogLine) => number, limit = QUEUE_LINES): LogQueue {
  let lines: LogLine[] = []
  let skipped = 0
  return {
    push(line) {
      lines.push(line)
      // Dropping one at a time would copy the queue for every line.
      if (lines.length < limit * 1.25) return
      skipped += lines.length - limit
      lines = lines.slice(-limit)
    },
    take() {
      if (lines.length === 0 && skipped === 0) return null
      if (lines.length > limit) {
        skipped += lines.length - limit
        lines = lines.slice(-limit)
      }
      lines.sort(compare)
      const batch = { lines: lines.slice(0, BATCH_LINES), skipped }
      lines = lines.slice(BATCH_LINES)
      skipped = 0
      return batch
    },
    get length() {
      return lines.length
    },
  }
}
