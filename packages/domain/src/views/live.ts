/** One line of an app's log. `text` may hold ANSI colours and is at most 16 KiB. */
export interface LogLine {
  /** RFC 3339 with nanoseconds where the cluster gives them; lines are sent ordered by it as far as they have come. */
  at: string
  process: string
  instance: string
  release: number
  text: string
}
/** One event of live.logs. */
export interface LogBatch {
  lines: LogLine[]
  /** Lines left out before this batch because they came too fast. */
  skipped: number
  /** True once the tail has been sent and what follows is new. */
  live: boolean
}
/** One event of live.build. */
export interface BuildLogBatch {
  lines: string[]
  skipped: number
  status: import('../build-status.ts').BuildStatus
  failure: string | null
}
