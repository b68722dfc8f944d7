'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

/** Staged edits under a key: they outlive a change of page, and go with the tab. */
export function useDraft<T extends object>(key: string, empty: T): [T, (change: (last: T) => T) => void] {
  const queryClient = useQueryClient()
  const queryKey = ['draft', key]
  const { data } = useQuery<T>({
    queryKey,
    queryFn: () => empty,
    enabled: false,
    staleTime: Infinity,
    gcTime: Infinity,
  })
  const set = useCallback(
    (change: (last: T) => T) => {
      queryClient.setQueryData<T>(['draft', key], (last) => change(last ?? empty))
    },
    [queryClient, key, empty],
  )
  return [data ?? empty, set]
}
