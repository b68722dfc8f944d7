'use client'

import type { AppRef, AppView } from '@slipway/domain'
import { useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'

/** What a mutation that answers the app does when it went well: shows it at once, and says in words what happens now. */
export function useShowApp(ref: AppRef, said: string, onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return (app: AppView) => {
    queryClient.setQueryData(trpc.app.get.queryKey(ref), app)
    onDone()
    toast.success(said)
  }
}
