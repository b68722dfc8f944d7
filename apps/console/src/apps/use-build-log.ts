import type { AppRef, BuildLogBatch } from '@slipway/domain'
import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import type { LogWindow } from '#logs/log-window.ts'
import { useKeptLog } from '#logs/use-kept-log.ts'

export interface BuildTarget {
  appRef: AppRef
  build: number
}

/** Streams a build's log into a window, and its status into the cache. */
export function useBuildLog(window: LogWindow, { appRef, build }: BuildTarget) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const lastStatus = useRef<string | null>(null)
  return useKeptLog<BuildLogBatch>(window, {
    key: paths.build(appRef, build),
    subscribe: (lastEventId, handlers) => client.live.build.subscribe({ ...appRef, build, lastEventId }, handlers),
    onBatch({ status }) {
      if (lastStatus.current === status) return
      lastStatus.current = status
      void queryClient.invalidateQueries({ queryKey: trpc.build.get.queryKey({ ...appRef, build }) })
    },
  })
}
