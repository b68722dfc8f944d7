'use client'

import { Download, Pause, Play, SlidersHorizontal, WrapText } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Sheet } from '#ui/sheet.tsx'
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

const pressed = 'bg-active text-ink'

function Actions({ view, window, fileName }: Pick<LogToolbarProps, 'view' | 'window' | 'fileName'>) {
  return (
    <>
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
    </>
  )
}

/** Search, filters and what else can be done with a log: one row, with the rest in a sheet where it is narrow. */
export function LogToolbar({ view, window, fileName, children, live = true }: LogToolbarProps) {
  const [open, setOpen] = useState(false)
  const actions = <Actions view={view} window={window} fileName={fileName} />
  return (
    <div className="flex items-center gap-2 border-b bg-surface px-3 py-2 sm:flex-wrap">
      <div className="hidden sm:contents">{children}</div>
      <LogSearch
        query={view.query}
        onQueryChange={view.setQuery}
        matches={view.snapshot.matches.length}
        at={view.at}
        onStep={view.step}
      />
      <div className="hidden sm:contents">{actions}</div>
      <Button size="icon" variant="ghost" aria-label="Filters" className="sm:hidden" onClick={() => setOpen(true)}>
        <SlidersHorizontal aria-hidden />
      </Button>
      <Sheet open={open} onOpenChange={setOpen} label="Filters">
        <div className="flex flex-col gap-3 p-4">
          {children}
          <div className="flex flex-wrap items-center gap-2">{actions}</div>
          <Button onClick={() => setOpen(false)}>Show the log</Button>
        </div>
      </Sheet>
      {live && (
        <Button
          aria-label={view.follow ? 'Pause' : 'Follow'}
          aria-pressed={!view.follow}
          className="max-sm:size-8 max-sm:p-0 sm:w-24"
          onClick={() => view.setFollow(!view.follow)}
        >
          {view.follow ? <Pause aria-hidden /> : <Play aria-hidden />}
          <span className="max-sm:hidden">{view.follow ? 'Pause' : 'Follow'}</span>
        </Button>
      )}
    </div>
  )
}
