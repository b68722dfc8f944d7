import type { AppRef, BuildLogBatch } from '@slipway/domain'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { useLive } from '#api/use-live.ts'
import { paths } from '#lib/paths.ts'
import type { LogWindow } from '#logs/log-window.ts'

export interface BuildTarget {
  appRef: AppRef
  build: number
}

/** Streams a build's log into a window, and its status into the cache. */
export function useBuildLog(window: LogWindow, { appRef, build }: BuildTarget) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const lastEventId = useRef<string | null>(null)
  const lastStatus = useRef<string | null>(null)
  const key = paths.build(appRef, build)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another build is another log
  useEffect(() => {
    lastEventId.current = null
    window.clear()
  }, [window, key])
  return useLive<{ id: string; data: BuildLogBatch }>({
    key,
    subscribe: (handlers) =>
      client.live.build.subscribe({ ...appRef, build, lastEventId: lastEventId.current }, handlers),
    onData({ id, data }) {
      lastEventId.current = id
      window.append(
        data.lines.map((text) => ({ at: null, process: null, instance: null, text })),
        data.skipped,
      )
      if (lastStatus.current === data.status) return
      lastStatus.current = data.status
      void queryClient.invalidateQueries({ queryKey: trpc.build.get.queryKey({ ...appRef, build }) })
    },
  })
}
