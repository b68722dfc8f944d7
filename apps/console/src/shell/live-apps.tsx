'use client'

import { type AppListChange, applyAppListChange } from '@slipway/domain'
import { useQueryClient } from '@tanstack/react-query'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { useLive } from '#api/use-live.ts'

/** Keeps the list of all my apps true while the tab is open; everything that shows it reads the same cache. */
export function LiveApps() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  useLive<AppListChange>({
    key: 'apps',
    subscribe: (handlers) => client.live.apps.subscribe({}, handlers),
    onData: (change) =>
      queryClient.setQueryData(trpc.app.list.queryKey({}), (apps) => applyAppListChange(apps ?? [], change)),
  })
  return null
}
