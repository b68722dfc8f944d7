'use client'

import type { AppRef } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'

/** Builds a commit once more with the present settings, and leads to the new build. */
export function useDeployAgain(appRef: AppRef) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const router = useRouter()
  return useMutation(
    trpc.build.start.mutationOptions({
      onSuccess(build) {
        queryClient.setQueryData(trpc.build.get.queryKey({ ...appRef, build: build.number }), build)
        router.push(paths.build(appRef, build.number))
      },
      onError: (error) => toast.error(problemOf(error).message),
    }),
  )
}
