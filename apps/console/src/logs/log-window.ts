import { LEVELS, type Level, levelOf, plainOf } from './log-line.ts'

/** What comes in: a line of an app's log, or of a build's (which has neither time nor process). */
export interface IncomingLine {
  at: string | null
  process: string | null
  instance: string | null
  text: string
  /** The line goes on: its text is what fits. */
  cut?: boolean
}

export interface LogEntry extends IncomingLine {
  /** Grows by one with each entry; never used twice in one window. */
  seq: number
  /** The text without escapes: what is searched, copied and downloaded. */
  plain: string
  level: Level | null
  /** Set on a marker instead of a line: so many lines are missing here. */
  skipped: number
}

export interface LogFilter {
  /** Marks what contains this, whatever its case. */
  query: string
  /** Shows only what matches the query. */
  onlyMatches: boolean
  /** Shows only lines at least this serious; null shows all. Lines that name no level count as `info`. */
  minLevel: Level | null
}

export interface LogSnapshot {
  version: number
  /** What is to be shown, oldest first. The same array grows between versions; read its length with the version. */
  rows: readonly LogEntry[]
  /** Indexes in `rows` of what matches the query. */
  matches: readonly number[]
  /** Rows that have been let go from the front since the last filter change: what one reads moves up by so many. */
  trimmedRows: number
  /** Lines let go because the window is full. */
  dropped: number
  total: number
}

const NO_FILTER: LogFilter = { query: '', onlyMatches: false, minLevel: null }
export const MAX_LINES = 100_000
/** Letting go in one larger step keeps appending cheap. */
const TRIM_STEP = 10_000

/** The last 100,000 lines of a stream, with what is shown and found in them. Knows no browser. */
export class LogWindow {
  private readonly maxLines: number
  private readonly trimStep: number
  private entries: LogEntry[] = []
  private rows: LogEntry[] = []
  private matches: number[] = []
  private filter: LogFilter = NO_FILTER
  private nextSeq = 0
  private dropped = 0
  private trimmedRows = 0
  private snapshot: LogSnapshot
  private readonly listeners = new Set<() => void>()

  constructor(maxLines = MAX_LINES, trimStep = TRIM_STEP) {
    this.maxLines = maxLines
    this.trimStep = trimStep
    this.snapshot = this.makeSnapshot(0)
  }

  /** Adds lines at the end, after a marker where `skipped` lines are missing before them. */
  append(lines: readonly IncomingLine[], skipped = 0): void {
    if (lines.length === 0 && skipped === 0) return
    if (skipped > 0) this.push({ at: lines[0]?.at ?? null, process: null, instance: null, text: '' }, skipped)
    for (const line of lines) this.push(line, 0)
    if (this.entries.length > this.maxLines + this.trimStep) this.trim()
    this.changed()
  }

  /** Empties the window, for another stream. */
  clear(): void {
    this.entries = []
    this.dropped = 0
    this.refilter()
    this.changed()
  }

  setFilter(filter: LogFilter): void {
    const last = this.filter
    if (last.query === filter.query && last.onlyMatches === filter.onlyMatches && last.minLevel === filter.minLevel)
      return
    this.filter = { ...filter, query: filter.query.toLowerCase() }
    this.refilter()
    this.changed()
  }

  /** Calls back after each change. Answers how to stop. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  getSnapshot(): LogSnapshot {
    return this.snapshot
  }

  /** Everything in the window as text, one line each, for a file. */
  toText(): string {
    return this.entries
      .map((entry) => {
        if (entry.skipped > 0) return `--- ${entry.skipped} lines skipped ---\n`
        const head = [entry.at, entry.process && `${entry.process}[${entry.instance}]`].filter(Boolean).join(' ')
        return `${head}${head ? ' ' : ''}${entry.plain}${entry.cut ? ' … (line cut)' : ''}\n`
      })
      .join('')
  }

  private push(line: IncomingLine, skipped: number): void {
    const plain = plainOf(line.text)
    const entry: LogEntry = { ...line, seq: this.nextSeq++, plain, level: skipped > 0 ? null : levelOf(plain), skipped }
    this.entries.push(entry)
    this.show(entry)
  }

  /** Puts an entry among the rows when the filter lets it through. Markers always stay: they say that something is missing. */
  private show(entry: LogEntry): void {
    const { query, onlyMatches, minLevel } = this.filter
    if (entry.skipped > 0) {
      this.rows.push(entry)
      return
    }
    if (minLevel && LEVELS.indexOf(entry.level ?? 'info') < LEVELS.indexOf(minLevel)) return
    const matching = query !== '' && entry.plain.toLowerCase().includes(query)
    if (onlyMatches && query !== '' && !matching) return
    this.rows.push(entry)
    if (matching) this.matches.push(this.rows.length - 1)
  }

  private trim(): void {
    const excess = this.entries.length - this.maxLines
    this.dropped += this.entries.slice(0, excess).reduce((sum, entry) => sum + (entry.skipped || 1), 0)
    const firstKept = this.entries[excess]?.seq ?? this.nextSeq
    this.entries = this.entries.slice(excess)
    const gone = this.rows.findIndex((row) => row.seq >= firstKept)
    const goneRows = gone === -1 ? this.rows.length : gone
    this.rows = this.rows.slice(goneRows)
    this.matches = this.matches.filter((index) => index >= goneRows).map((index) => index - goneRows)
    this.trimmedRows += goneRows
  }

  private refilter(): void {
    this.rows = []
    this.matches = []
    this.trimmedRows = 0
    for (const entry of this.entries) this.show(entry)
  }

  private changed(): void {
    this.snapshot = this.makeSnapshot(this.snapshot.version + 1)
    for (const listener of this.listeners) listener()
  }

  private makeSnapshot(version: number): LogSnapshot {
    const { rows, matches, trimmedRows, dropped } = this
    return { version, rows, matches, trimmedRows, dropped, total: this.entries.length }
  }
}
