'use client'

import { useCallback, useRef, useState, useSyncExternalStore } from 'react'
import { type LogSnapshot, LogWindow } from './log-window.ts'

const EMPTY: LogSnapshot = { version: 0, rows: [], matches: [], trimmedRows: 0, dropped: 0, total: 0 }

/** One window for the life of a component. */
export function useLogWindow(): LogWindow {
  const [window] = useState(() => new LogWindow())
  return window
}

/** What the window shows, at most once a frame however fast lines come. */
export function useLogSnapshot(window: LogWindow): LogSnapshot {
  const shown = useRef<LogSnapshot>(window.getSnapshot())
  const subscribe = useCallback(
    (render: () => void) => {
      let frame = 0
      const update = () => {
        frame = 0
        shown.current = window.getSnapshot()
        render()
      }
      update()
      const stop = window.subscribe(() => {
        // A hidden tab draws no frames; what it shows is brought up to date when it is looked at again.
        if (frame === 0) frame = requestAnimationFrame(update)
      })
      return () => {
        stop()
        cancelAnimationFrame(frame)
      }
    },
    [window],
  )
  return useSyncExternalStore(
    subscribe,
    () => shown.current,
    () => EMPTY,
  )
}
