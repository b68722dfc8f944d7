import { useEffect, useRef } from 'react'
import { type LiveHandlers, useLive } from '#api/use-live.ts'
import type { LogWindow } from './log-window.ts'

export interface KeptLog<Batch> {
  /** Another key is another log. */
  key: string
  /** From an event on, or from the beginning. */
  subscribe: (
    lastEventId: string | null,
    handlers: LiveHandlers<{ id: string; data: Batch }>,
  ) => { unsubscribe(): void }
  onBatch: (batch: Batch) => void
}

/** Streams a log that is kept into a window, from its beginning until what it is of has ended. */
export function useKeptLog<Batch extends { lines: string[] }>(
  window: LogWindow,
  { key, subscribe, onBatch }: KeptLog<Batch>,
) {
  const lastEventId = useRef<string | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another log
  useEffect(() => {
    lastEventId.current = null
    window.clear()
  }, [window, key])
  return useLive<{ id: string; data: Batch }>({
    key,
    subscribe: (handlers) => subscribe(lastEventId.current, handlers),
    onData({ id, data }) {
      lastEventId.current = id
      window.append(
        data.lines.map((text) => ({ at: null, process: null, instance: null, text })),
        0,
      )
      onBatch(data)
    },
  })
}
