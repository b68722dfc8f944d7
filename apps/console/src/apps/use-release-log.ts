import type { AppRef, ReleaseLogBatch } from '@slipway/domain'
import { useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import type { LogWindow } from '#logs/log-window.ts'
import { useKeptLog } from '#logs/use-kept-log.ts'

export interface ReleaseTarget {
  appRef: AppRef
  release: number
}

/** Streams the output of a release's command into a window, and how it stands into the cache. */
export function useReleaseLog(window: LogWindow, { appRef, release }: ReleaseTarget) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const lastStatus = useRef<string | null>(null)
  return useKeptLog<ReleaseLogBatch>(window, {
    key: paths.releaseLog(appRef, release),
    subscribe: (lastEventId, handlers) => client.live.release.subscribe({ ...appRef, release, lastEventId }, handlers),
    onBatch({ command }) {
      const status = command?.status ?? null
      if (lastStatus.current === status) return
      lastStatus.current = status
      void queryClient.invalidateQueries({ queryKey: trpc.release.get.queryKey({ ...appRef, release }) })
    },
  })
}
