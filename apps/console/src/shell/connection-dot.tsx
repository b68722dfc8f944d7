'use client'

import { useConnection } from '#api/connection.ts'
import { cn } from '#ui/cn.ts'
import { Tooltip } from '#ui/tooltip.tsx'

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** Says whether what is on the page is live: connected, connecting, or lost since when. */
export function ConnectionDot() {
  const { status, lostAt } = useConnection()
  if (status === 'idle') return null
  const since = lostAt ? time.format(lostAt) : ''
  const text = {
    connected: 'Live: changes appear by themselves',
    connecting: 'Connecting…',
    reconnecting: `Connection lost at ${since}. What you see is from then; trying again.`,
  }[status]
  return (
    <Tooltip content={text} side="bottom">
      <button
        type="button"
        aria-label={text}
        className="inline-flex h-7 items-center gap-1.5 rounded-md px-1.5 text-ink-3 text-xs hover:bg-hover"
      >
        <span
          className={cn(
            'size-2 rounded-full',
            status === 'connected' && 'bg-healthy',
            status === 'connecting' && 'animate-pulse bg-progressing',
            status === 'reconnecting' && 'animate-pulse bg-warning',
          )}
        />
        <span className="max-sm:sr-only" role="status">
          {status === 'connected' ? 'Live' : status === 'connecting' ? 'Connecting' : `Reconnecting since ${since}`}
        </span>
      </button>
    </Tooltip>
  )
}
