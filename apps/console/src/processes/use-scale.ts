'use client'

import type { AppRef, AppView } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import type { ScaleDraft } from './scale-draft.ts'

/** The app as it will be: shown at once, taken back when the platform refuses. */
function optimistic(app: AppView, draft: ScaleDraft): AppView {
  const processes = app.processes.map((process) => ({ ...process, ...draft[process.name] }))
  const wanted = processes.reduce((sum, process) => sum + process.instances, 0)
  return { ...app, processes, instances: { ...app.instances, wanted } }
}

/** Applies a draft: the page shows it before the answer comes. */
export function useScale(appRef: AppRef, draft: ScaleDraft, onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const key = trpc.app.get.queryKey(appRef)
  return useMutation(
    trpc.app.scale.mutationOptions({
      onMutate() {
        const before = queryClient.getQueryData(key)
        if (before) queryClient.setQueryData(key, optimistic(before, draft))
        return { before }
      },
      onError(_error, _input, context) {
        if (context?.before) queryClient.setQueryData(key, context.before)
        void queryClient.invalidateQueries({ queryKey: trpc.quota.get.queryKey({ team: appRef.team }) })
      },
      onSuccess(app) {
        queryClient.setQueryData(key, app)
        void queryClient.invalidateQueries({ queryKey: trpc.quota.get.queryKey({ team: appRef.team }) })
        onDone()
      },
    }),
  )
}
