'use client'

import { useDeferredValue, useEffect, useState } from 'react'
import { useQueryParam } from '#lib/use-query-param.ts'
import { LEVELS, type Level } from './log-line.ts'
import type { LogWindow } from './log-window.ts'
import { useLogSnapshot } from './use-log-window.ts'

/** What is searched, shown and followed in a log; search, level and wrapping live in the address. */
export function useLogView(window: LogWindow) {
  const [query, setQuery] = useQueryParam('q')
  const [only, setOnly] = useQueryParam('only')
  const [wrap, setWrap] = useQueryParam('wrap')
  const [level, setLevel] = useQueryParam('level')
  const [follow, setFollow] = useState(true)
  const [at, setAt] = useState<number | null>(null)
  const needle = useDeferredValue(query.trim().toLowerCase())
  const minLevel: Level | null = LEVELS.find((each) => each === level) ?? null
  const onlyMatches = only === '1'

  useEffect(() => window.setFilter({ query: needle, onlyMatches, minLevel }), [window, needle, onlyMatches, minLevel])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins before its first match
  useEffect(() => setAt(null), [needle, onlyMatches, minLevel])

  const snapshot = useLogSnapshot(window)
  const count = snapshot.matches.length
  const step = (direction: 1 | -1) => {
    if (count === 0) return
    setFollow(false)
    // The first step goes to the newest match: that is where one reads.
    setAt(at === null ? count - 1 : (at + direction + count) % count)
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
    at: at !== null && at < count ? at : null,
    focusRow: at === null ? null : (snapshot.matches[at] ?? null),
    step,
  }
}

export type LogView = ReturnType<typeof useLogView>
