'use client'

import { ChevronDown, ChevronUp, Search } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { isTyping } from '#shell/keys.ts'
import { Button } from '#ui/button.tsx'
import { Input } from '#ui/input.tsx'

interface LogSearchProps {
  query: string
  onQueryChange: (query: string) => void
  matches: number
  /** Which match one stands on, from 0; null before the first step. */
  at: number | null
  onStep: (direction: 1 | -1) => void
}

/** Finds text: how often it occurs, and from one place to the next. `/` leads here from anywhere on the page. */
export function LogSearch({ query, onQueryChange, matches, at, onStep }: LogSearchProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event.target) || event.metaKey || event.ctrlKey) return
      event.preventDefault()
      input.current?.focus()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  const count =
    at === null ? matches.toLocaleString('en') : `${(at + 1).toLocaleString('en')} of ${matches.toLocaleString('en')}`
  return (
    <search className="flex min-w-0 flex-1 items-center gap-1 sm:basis-52">
      <div className="relative min-w-0 flex-1">
        <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
        <Input
          ref={input}
          type="search"
          aria-label="Search in the log"
          placeholder="Search ( / )"
          className="pr-20 pl-8"
          value={query}
          onChange={(event) => onQueryChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
            if (event.key === 'Escape') event.currentTarget.blur()
          }}
        />
        {query && (
          <span
            role="status"
            className="pointer-events-none absolute top-1.5 right-7 bg-surface pl-1 text-ink-3 text-xs leading-5 tabular"
          >
            {count}
            <span className="sr-only"> matches</span>
          </span>
        )}
      </div>
      <Button
        variant="ghost"
        size="icon"
        className={query ? '' : 'max-sm:hidden'}
        aria-label="Previous match"
        disabled={matches === 0}
        onClick={() => onStep(-1)}
      >
        <ChevronUp aria-hidden />
      </Button>
      <Button
        variant="ghost"
        size="icon"
        className={query ? '' : 'max-sm:hidden'}
        aria-label="Next match"
        disabled={matches === 0}
        onClick={() => onStep(1)}
      >
        <ChevronDown aria-hidden />
      </Button>
    </search>
  )
}
