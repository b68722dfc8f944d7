'use client'

import { ChevronRight } from 'lucide-react'
import Link from 'next/link'
import { memo } from 'react'
import { cn } from '#ui/cn.ts'
import { type Level, readStructured, type StructuredLine } from './log-line.ts'
import { LogText } from './log-text.tsx'
import { clockTime } from './log-time.ts'
import type { LogEntry } from './log-window.ts'

const LEVEL_ROW: Record<Level, string> = {
  debug: 'text-ink-3',
  info: '',
  warn: 'bg-warning-soft/60',
  error: 'bg-degraded-soft/70',
}

const PROCESS_COLOURS = ['text-ansi-blue', 'text-ansi-green', 'text-ansi-magenta', 'text-ansi-cyan', 'text-ansi-yellow']

/** The same process always has the same colour. */
function processColour(process: string): string {
  let hash = 0
  for (const letter of process) hash = (hash * 31 + letter.charCodeAt(0)) % 997
  return PROCESS_COLOURS[hash % PROCESS_COLOURS.length] ?? ''
}

interface LogRowProps {
  entry: LogEntry
  wrap: boolean
  /** Lower-case text to mark. */
  highlight: string
  /** True for the match that one stands on. */
  current: boolean
  /** Shows a JSON line in full, below. */
  unfolded: boolean
  onToggle: (seq: number) => void
  /** Address of the log at a time. */
  linkTo?: (at: string) => string
}

function Skipped({ entry }: { entry: LogEntry }) {
  return (
    <div className="h-5 border-warning-line border-y bg-warning-soft px-3 text-warning text-xs leading-4.5">
      {entry.skipped.toLocaleString('en')} lines skipped (too fast to show)
    </div>
  )
}

function Structured({ line, entry, unfolded, onToggle, highlight, current }: { line: StructuredLine } & LogRowProps) {
  return (
    <>
      <button
        type="button"
        aria-expanded={unfolded}
        aria-label={unfolded ? 'Fold JSON' : 'Unfold JSON'}
        onClick={() => onToggle(entry.seq)}
        className="mr-1 inline-flex size-4 items-center justify-center rounded-sm align-text-bottom text-ink-3 hover:bg-active"
      >
        <ChevronRight aria-hidden className={cn('size-3 transition-transform', unfolded && 'rotate-90')} />
      </button>
      <LogText text={line.message} highlight={highlight} current={current} />
      {line.fields.map(([key, value]) => (
        <span key={key}>
          {' '}
          <span className="text-ink-3">{key}=</span>
          <LogText text={value} highlight={highlight} current={current} />
        </span>
      ))}
      {unfolded && (
        <span className="mt-1 mb-1 block whitespace-pre-wrap break-all text-ink-2">
          {JSON.stringify(JSON.parse(entry.plain), null, 2)}
        </span>
      )}
    </>
  )
}

/** When and where a line comes from. It stays while a long line is scrolled sideways. */
function Origin({ entry, linkTo }: Pick<LogRowProps, 'entry' | 'linkTo'>) {
  if (!entry.at) return null
  const { seconds, fraction } = clockTime(entry.at)
  const time = (
    <time dateTime={entry.at} title={entry.at}>
      {seconds}
      <span className="max-sm:hidden">{fraction}</span>
    </time>
  )
  return (
    <span className="sticky left-0 z-10 flex shrink-0 select-none gap-3 bg-sunken pl-3">
      {linkTo ? (
        <Link
          href={linkTo(entry.at)}
          prefetch={false}
          tabIndex={-1}
          title="Link to this line"
          className="text-ink-3 no-underline hover:text-ink hover:underline"
        >
          {time}
        </Link>
      ) : (
        <span className="text-ink-3">{time}</span>
      )}
      {entry.process && (
        <span
          title={entry.instance ?? undefined}
          className={cn('w-28 truncate pr-1 max-sm:w-12', processColour(entry.process))}
        >
          {entry.process}
          <span className="text-ink-3 max-sm:hidden">.{entry.instance?.split('-').at(-1)}</span>
        </span>
      )}
    </span>
  )
}

/** One line: time, where it comes from, what it says. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { entry, wrap, highlight, current, linkTo } = props
  if (entry.skipped > 0) return <Skipped entry={entry} />
  const structured = readStructured(entry.plain)
  return (
    <div
      className={cn(
        'flex min-h-5 min-w-full gap-3 pr-3 leading-5 hover:bg-hover',
        !entry.at && 'pl-3',
        entry.level && LEVEL_ROW[entry.level],
        current && 'outline outline-1 outline-accent',
      )}
    >
      <Origin entry={entry} linkTo={linkTo} />
      <span
        className={cn(
          'min-w-0',
          wrap ? 'flex-1 whitespace-pre-wrap break-words [overflow-wrap:anywhere]' : 'whitespace-pre',
        )}
      >
        {structured ? (
          <Structured line={structured} {...props} />
        ) : (
          <LogText text={entry.text} highlight={highlight} current={current} />
        )}
        {entry.cut && <span className="text-warning"> … line cut: only its start is kept</span>}
      </span>
    </div>
  )
})
