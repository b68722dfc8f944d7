'use client'

import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef } from 'react'
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
  className?: string
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

/**
 * Lines of a log, only those in sight drawn. It opens at the end and follows; scrolling up stops that, and new lines then
 * come below what is being read without moving it, also when old ones are let go above.
 */
export function LogList(props: LogListProps) {
  const { snapshot, label, wrap, highlight, focusRow, follow, onFollowChange, className } = props
  const { rows, trimmedRows } = snapshot
  const box = useRef<HTMLDivElement | null>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.seq ?? index,
    overscan: 20,
    useFlushSync: false,
  })
  const height = virtualizer.getTotalSize()
  const { box: followBox, onScroll } = useFollow({ follow, onFollowChange }, height)

  const lastTrimmed = useRef(trimmedRows)
  useLayoutEffect(() => {
    const gone = trimmedRows - lastTrimmed.current
    lastTrimmed.current = trimmedRows
    if (gone > 0 && !follow && box.current) box.current.scrollTop -= gone * ROW_HEIGHT
  }, [trimmedRows, follow])

  useEffect(() => {
    if (focusRow !== null) virtualizer.scrollToIndex(focusRow, { align: 'center' })
  }, [focusRow, virtualizer])

  return (
    <div className={cn('relative flex min-h-0 flex-1 flex-col', className)}>
      <div
        ref={(element) => {
          box.current = element
          followBox.current = element
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
          {virtualizer.getVirtualItems().map((item) => {
            const entry = rows[item.index]
            if (!entry) return null
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={cn('absolute top-0 left-0 min-w-full', wrap && 'w-full')}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogRow entry={entry} wrap={wrap} highlight={highlight} current={item.index === focusRow} />
              </div>
            )
          })}
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
          To the newest
        </Button>
      )}
    </div>
  )
}
