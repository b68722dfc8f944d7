'use client'

import { ChevronRight } from 'lucide-react'
import { memo, useState } from 'react'
import { cn } from '#ui/cn.ts'
import { type Level, readStructured, type StructuredLine } from './log-line.ts'
import { LogText } from './log-text.tsx'
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
}

function Skipped({ entry }: { entry: LogEntry }) {
  return (
    <div className="border-warning-line border-y bg-warning-soft px-3 py-0.5 text-warning text-xs">
      {entry.skipped.toLocaleString('en')} lines skipped (too fast to show)
    </div>
  )
}

function Structured({
  line,
  raw,
  highlight,
  current,
}: { line: StructuredLine; raw: string } & Pick<LogRowProps, 'highlight' | 'current'>) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        aria-label={open ? 'Fold JSON' : 'Unfold JSON'}
        onClick={() => setOpen(!open)}
        className="mr-1 inline-flex size-4 items-center justify-center rounded-sm align-text-bottom text-ink-3 hover:bg-active"
      >
        <ChevronRight aria-hidden className={cn('size-3 transition-transform', open && 'rotate-90')} />
      </button>
      <LogText text={line.message} highlight={highlight} current={current} />
      {line.fields.map(([key, value]) => (
        <span key={key}>
          {' '}
          <span className="text-ink-3">{key}=</span>
          <LogText text={value} highlight={highlight} current={current} />
        </span>
      ))}
      {open && (
        <span className="mt-1 mb-1 block whitespace-pre-wrap break-all text-ink-2">
          {JSON.stringify(JSON.parse(raw), null, 2)}
        </span>
      )}
    </>
  )
}

/** One line: time, where it comes from, what it says. */
export const LogRow = memo(function LogRow({ entry, wrap, highlight, current }: LogRowProps) {
  if (entry.skipped > 0) return <Skipped entry={entry} />
  const structured = readStructured(entry.plain)
  return (
    <div
      className={cn(
        'flex min-h-5 min-w-full gap-3 px-3 leading-5 hover:bg-hover',
        entry.level && LEVEL_ROW[entry.level],
        current && 'outline outline-1 outline-accent',
        wrap ? '' : 'w-max',
      )}
    >
      {entry.at && (
        <time dateTime={entry.at} title={entry.at} className="shrink-0 select-none text-ink-3 max-sm:hidden">
          {entry.at.slice(11, 23)}
        </time>
      )}
      {entry.process && (
        <span
          title={entry.instance ?? undefined}
          className={cn('w-28 shrink-0 select-none truncate max-sm:w-14', processColour(entry.process))}
        >
          {entry.process}
          <span className="text-ink-3 max-sm:hidden">.{entry.instance?.split('-').at(-1)}</span>
        </span>
      )}
      <span
        className={cn(
          'min-w-0',
          wrap ? 'flex-1 whitespace-pre-wrap break-words [overflow-wrap:anywhere]' : 'whitespace-pre',
        )}
      >
        {structured ? (
          <Structured line={structured} raw={entry.plain} highlight={highlight} current={current} />
        ) : (
          <LogText text={entry.text} highlight={highlight} current={current} />
        )}
      </span>
    </div>
  )
})
