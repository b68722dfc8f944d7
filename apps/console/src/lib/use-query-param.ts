'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/**
 * One value that lives in the address, so that it survives a reload and can be sent to a colleague. An empty value takes the
 * parameter out. Nothing is asked of the server.
 */
export function useQueryParam(name: string): [string, (value: string) => void] {
  const value = useSearchParams().get(name) ?? ''
  const set = useCallback(
    (next: string) => {
      const query = new URLSearchParams(location.search)
      if (next) query.set(name, next)
      else query.delete(name)
      const text = query.toString()
      history.replaceState(null, '', `${location.pathname}${text ? `?${text}` : ''}`)
    },
    [name],
  )
  return [value, set]
}
