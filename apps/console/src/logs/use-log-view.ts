'use client'

import { useDeferredValue, useEffect, useState } from 'react'
import { useQueryParam } from '#lib/use-query-param.ts'
import { LEVELS, type Level } from './log-line.ts'
import type { LogWindow } from './log-window.ts'
import { useLogSnapshot } from './use-log-window.ts'

/** What is searched, shown and followed in a log; search, level and wrapping live in the address. */
export function useLogView(window: LogWindow, startsAtEnd = true) {
  const [query, setQuery] = useQueryParam('q')
  const [only, setOnly] = useQueryParam('only')
  const [wrap, setWrap] = useQueryParam('wrap')
  const [level, setLevel] = useQueryParam('level')
  const [follow, setFollow] = useState(startsAtEnd)
  const [mark, setMark] = useState<{ of: string; at: number } | null>(null)
  const typed = query.trim().toLowerCase()
  const needle = useDeferredValue(typed)
  const minLevel: Level | null = LEVELS.find((each) => each === level) ?? null
  const onlyMatches = only === '1'

  useEffect(() => window.setFilter({ query: needle, onlyMatches, minLevel }), [window, needle, onlyMatches, minLevel])

  const snapshot = useLogSnapshot(window)
  // Another search begins before its first match.
  const search = (text: string) => `${onlyMatches} ${minLevel} ${text}`
  const at = mark?.of === search(needle) && mark.at < snapshot.matches.length ? mark.at : null
  const step = (direction: 1 | -1) => {
    // Enter may come before what was typed has been searched.
    window.setFilter({ query: typed, onlyMatches, minLevel })
    const count = window.getSnapshot().matches.length
    if (count === 0) return
    setFollow(false)
    // The first step goes to the newest match: that is where one reads.
    const next = mark?.of === search(typed) ? (mark.at + direction + count) % count : count - 1
    setMark({ of: search(typed), at: next })
  }
  return {
    snapshot,
    query,
    setQuery,
    needle,
    onlyMatches,
    setOnlyMatches: (next: boolean) => setOnly(next ? '1' : ''),
    wrap: wrap === '1',
    setWrap: (next: boolean) => setWrap(next ? '1' : ''),
    minLevel,
    setMinLevel: (next: Level | null) => setLevel(next ?? ''),
    follow,
    setFollow,
    at,
    focusRow: at === null ? null : (snapshot.matches[at] ?? null),
    step,
  }
}

export type LogView = ReturnType<typeof useLogView>
