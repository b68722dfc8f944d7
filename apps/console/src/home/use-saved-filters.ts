'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'

/** The account's saved filters, and how they change. */
export function useSavedFilters() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { data: filters = [], error, refetch } = useQuery(trpc.filter.list.queryOptions())
  const key = trpc.filter.list.queryKey()
  const save = useMutation(
    trpc.filter.save.mutationOptions({ onSuccess: (left) => queryClient.setQueryData(key, left) }),
  )
  const remove = useMutation(
    trpc.filter.remove.mutationOptions({
      onSuccess(left, { name }) {
        const gone = filters.find((filter) => filter.name === name)
        queryClient.setQueryData(key, left)
        toast(`The filter ${name} is deleted.`, {
          action: gone && { label: 'Undo', onClick: () => save.mutate(gone) },
        })
      },
      onError: (problem) => toast.error(problemOf(problem).message),
    }),
  )
  return { filters, error, retry: () => void refetch(), save, remove }
}
