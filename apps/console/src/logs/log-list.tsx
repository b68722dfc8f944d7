'use client'

import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { LogRow } from './log-row.tsx'
import type { LogSnapshot } from './log-window.ts'

const ROW_HEIGHT = 20
const NEAR_END_PX = 24

interface LogListProps {
  snapshot: LogSnapshot
  label: string
  wrap: boolean
  /** Lower-case text to mark. */
  highlight: string
  /** Index in `snapshot.rows` of the match to show; null shows none in particular. */
  focusRow: number | null
  follow: boolean
  onFollowChange: (follow: boolean) => void
  /** Address of the log at a line's time; none where lines have no time. */
  linkTo?: (at: string) => string
  className?: string
}

/** The end while following, so that new lines are drawn in the same frame as they come; else what is scrolled to. */
function useRange(follow: boolean, count: number) {
  return useCallback(
    (range: Range) => {
      if (!follow) return defaultRangeExtractor(range)
      const shown = range.endIndex - range.startIndex + 1 + range.overscan
      const first = Math.max(0, count - shown)
      return Array.from({ length: count - first }, (_, index) => first + index)
    },
    [follow, count],
  )
}

/** Keeps the end in sight while following, and stops following when somebody scrolls up. */
function useFollow({ follow, onFollowChange }: Pick<LogListProps, 'follow' | 'onFollowChange'>, height: number) {
  const box = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves whenever the height does
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [follow, height])
  const onScroll = () => {
    const element = box.current
    if (!element) return
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight
    if (fromEnd < NEAR_END_PX) onFollowChange(true)
    else if (element.scrollTop < lastTop.current - 1) onFollowChange(false)
    lastTop.current = element.scrollTop
  }
  return { box, onScroll }
}

/** Rows that were unfolded, by `seq`: it outlives their being scrolled out of sight. */
function useUnfolded() {
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set())
  const toggle = useCallback(
    (seq: number) =>
      setUnfolded((last) => {
        const next = new Set(last)
        if (!next.delete(seq)) next.add(seq)
        return next
      }),
    [],
  )
  return { unfolded, toggle }
}

/**
 * Lines of a log, only those in sight drawn. It opens at the end and follows; scrolling up stops that, and new lines then
 * come below what is being read without moving it, also when old ones are let go above.
 */
export function LogList(props: LogListProps) {
  const { snapshot, label, wrap, highlight, focusRow, follow, onFollowChange, linkTo, className } = props
  const { rows, trimmedRows } = snapshot
  const { unfolded, toggle } = useUnfolded()
  const element = useRef<HTMLDivElement | null>(null)
  // Rows are measured only where their heights differ: a measurement a row is what a fast log cannot afford.
  const measured = wrap || unfolded.size > 0
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => element.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.seq ?? index,
    overscan: 20,
    useFlushSync: false,
    rangeExtractor: useRange(follow, rows.length),
  })
  const height = virtualizer.getTotalSize()
  const { box, onScroll } = useFollow({ follow, onFollowChange }, height)
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights of another layout are forgotten
  useEffect(() => virtualizer.measure(), [virtualizer, measured])

  const lastTrimmed = useRef(trimmedRows)
  useLayoutEffect(() => {
    const gone = trimmedRows - lastTrimmed.current
    lastTrimmed.current = trimmedRows
    if (gone <= 0 || follow || !element.current) return
    element.current.scrollTop -= gone * ROW_HEIGHT
    // The browser would report it after the next frame, which would be drawn empty.
    element.current.dispatchEvent(new Event('scroll'))
  }, [trimmedRows, follow])

  useEffect(() => {
    if (focusRow !== null) virtualizer.scrollToIndex(focusRow, { align: 'center' })
  }, [focusRow, virtualizer])

  const items = virtualizer.getVirtualItems()
  return (
    <div className={cn('relative flex min-h-0 flex-1 flex-col', className)}>
      <div
        ref={(node) => {
          element.current = node
          box.current = node
        }}
        role="log"
        aria-label={label}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a log is read with the arrow and page keys
        tabIndex={0}
        onScroll={onScroll}
        className="min-h-0 flex-1 overflow-auto overscroll-contain bg-sunken py-2 font-mono text-xs [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div className="relative min-w-full" style={{ height }}>
          {/* In flow, so that every row is as wide as the longest and its first columns stay when scrolled sideways. */}
          <div
            className={cn('absolute top-0 left-0 min-w-full', wrap ? 'w-full' : 'w-max')}
            style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
          >
            {items.map((item) => {
              const entry = rows[item.index]
              if (!entry) return null
              return (
                <div
                  key={item.key}
                  ref={measured ? virtualizer.measureElement : undefined}
                  data-index={item.index}
                  className={measured ? '' : 'h-5'}
                >
                  <LogRow
                    entry={entry}
                    wrap={wrap}
                    highlight={highlight}
                    current={item.index === focusRow}
                    unfolded={unfolded.has(entry.seq)}
                    onToggle={toggle}
                    linkTo={linkTo}
                  />
                </div>
              )
            })}
          </div>
        </div>
      </div>
      {!follow && rows.length > 0 && (
        <Button
          size="sm"
          variant="primary"
          className="absolute right-5 bottom-4 shadow-md"
          onClick={() => onFollowChange(true)}
        >
          <ArrowDown aria-hidden />
          Jump to newest
        </Button>
      )}
    </div>
  )
}
