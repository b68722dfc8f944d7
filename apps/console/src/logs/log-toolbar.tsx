'use client'

import { Download, Pause, Play, WrapText } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Tooltip } from '#ui/tooltip.tsx'
import { LogSearch } from './log-search.tsx'
import type { LogWindow } from './log-window.ts'
import type { LogView } from './use-log-view.ts'

/** Hands the window's lines to the browser as a text file. */
function download(window: LogWindow, name: string): void {
  const url = URL.createObjectURL(new Blob([window.toText()], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

interface LogToolbarProps {
  view: LogView
  window: LogWindow
  fileName: string
  /** Filters of this kind of log. */
  children?: ReactNode
  /** False once nothing more can come. */
  live?: boolean
}

/** Search, filters and what else can be done with a log. */
export function LogToolbar({ view, window, fileName, children, live = true }: LogToolbarProps) {
  const pressed = 'bg-active text-ink'
  return (
    <div className="flex flex-wrap items-center gap-2 border-b bg-surface px-3 py-2">
      {children}
      <LogSearch
        query={view.query}
        onQueryChange={view.setQuery}
        matches={view.snapshot.matches.length}
        at={view.at}
        onStep={view.step}
      />
      <Button
        size="sm"
        variant="ghost"
        aria-pressed={view.onlyMatches}
        disabled={view.query === ''}
        className={cn('h-8', view.onlyMatches && pressed)}
        onClick={() => view.setOnlyMatches(!view.onlyMatches)}
      >
        Only matches
      </Button>
      <Tooltip content="Wrap long lines">
        <Button
          size="icon"
          variant="ghost"
          aria-label="Wrap long lines"
          aria-pressed={view.wrap}
          className={view.wrap ? pressed : ''}
          onClick={() => view.setWrap(!view.wrap)}
        >
          <WrapText aria-hidden />
        </Button>
      </Tooltip>
      <Tooltip content="Download what is loaded">
        <Button size="icon" variant="ghost" aria-label="Download" onClick={() => download(window, fileName)}>
          <Download aria-hidden />
        </Button>
      </Tooltip>
      {live && (
        <Button aria-pressed={!view.follow} className="w-24" onClick={() => view.setFollow(!view.follow)}>
          {view.follow ? <Pause aria-hidden /> : <Play aria-hidden />}
          {view.follow ? 'Pause' : 'Follow'}
        </Button>
      )}
    </div>
  )
}
