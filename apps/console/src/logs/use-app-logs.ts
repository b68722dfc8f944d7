'use client'

import type { AppRef, LogBatch } from '@slipway/domain'
import { useEffect, useRef, useState } from 'react'
import { useTRPCClient } from '#api/trpc.ts'
import { useLive } from '#api/use-live.ts'
import { paths } from '#lib/paths.ts'
import type { LogWindow } from './log-window.ts'

/** Lines asked for when a log is opened. */
const TAIL = 3_000

interface LogSource {
  appRef: AppRef
  process: string
  instance: string
  /** RFC 3339: begins there. Null begins with the tail. */
  since: string | null
}

/** Streams an app's log into a window. `live` turns true when the past has come and what follows is new. */
export function useAppLogs(window: LogWindow, { appRef, process, instance, since }: LogSource) {
  const client = useTRPCClient()
  const lastEventId = useRef<string | null>(null)
  const [live, setLive] = useState(false)
  const key = `${paths.app(appRef)} ${process} ${instance} ${since ?? ''}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is another log
  useEffect(() => {
    lastEventId.current = null
    setLive(false)
    window.clear()
  }, [window, key])
  const problem = useLive<{ id: string; data: LogBatch }>({
    key,
    subscribe: (handlers) =>
      client.live.logs.subscribe(
        {
          ...appRef,
          process: process || undefined,
          instance: instance || undefined,
          tail: TAIL,
          since: since ?? undefined,
          lastEventId: lastEventId.current,
        },
        handlers,
      ),
    onData({ id, data }) {
      lastEventId.current = id
      window.append(data.lines, data.skipped)
      if (data.live) setLive(true)
    },
  })
  return { live, problem }
}
