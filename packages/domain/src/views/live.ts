/** One line of an app's log. `text` may hold ANSI colours and has at most 16,384 characters. */
export interface LogLine {
  /** RFC 3339 with nanoseconds where the cluster gives them; lines are sent ordered by it as far as they have come. */
  at: string
  process: string
  instance: string
  release: number
  text: string
  /** The line goes on: its text is what fits. */
  cut?: true
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
/** One event of live.release. */
export interface ReleaseLogBatch {
  lines: string[]
  /** Null where the release has no command. */
  command: import('./app.ts').ReleaseCommandView | null
}
/** One event of live.run. */
export interface RunLogBatch {
  lines: string[]
  run: import('./app.ts').RunView
  /** Why it has not begun, in a sentence; null when it runs or has run. */
  waiting: string | null
}

/** How a command in a terminal ended. */
export interface TerminalEnd {
  /** Null where it did not end by itself. */
  exitCode: number | null
  /** Why it ended in another way, in a sentence. */
  failure: string | null
}
/** One event of live.runTerminal and live.exec. */
export interface TerminalBatch {
  /** Changes when the terminal was connected anew: what was sent and not answered before may not have arrived. */
  session: string
  /** What was shown before is void: the output begins anew with what is known. */
  reset: boolean
  /** Bytes that came too fast, or while nobody was connected, and are left out before this output. */
  skipped: number
  /** In order; base64. */
  output: { stream: 'stdout' | 'stderr'; data: string }[]
  /** Input is taken. */
  ready: boolean
  /** Why it has not begun, in a sentence. */
  waiting: string | null
  /** The instance that it runs in; null for an instance of its own. */
  instance: string | null
  end: TerminalEnd | null
}
