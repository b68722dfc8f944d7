'use client'

import type { AppRef, AppView } from '@slipway/domain'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Problem } from '#api/errors.ts'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { useLive } from '#api/use-live.ts'
import { paths } from '#lib/paths.ts'

/** The app as it was last seen; the frame around its pages keeps it true. */
export function useApp(ref: AppRef) {
  const trpc = useTRPC()
  return useQuery(trpc.app.get.queryOptions(ref))
}

/** What of an app its paged lists show: when this changes they are looked up again. */
function listsKey(app: AppView | undefined): string {
  return JSON.stringify([app?.recentReleases, app?.recentBuilds])
}

/** Streams the app into the cache while one of its pages is open. Answers what stands in the way, null when nothing does. */
export function useLiveApp(ref: AppRef): Problem | null {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  return useLive<AppView>({
    key: paths.app(ref),
    subscribe: (handlers) => client.live.app.subscribe(ref, handlers),
    onData(app) {
      const key = trpc.app.get.queryKey(ref)
      const changed = listsKey(queryClient.getQueryData(key)) !== listsKey(app)
      queryClient.setQueryData(key, app)
      if (!changed) return
      for (const queryKey of [trpc.release.list.pathKey(), trpc.build.list.pathKey(), trpc.config.list.pathKey()]) {
        void queryClient.invalidateQueries({ queryKey })
      }
    },
  })
}
