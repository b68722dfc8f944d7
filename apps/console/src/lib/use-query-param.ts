'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useRef, useState } from 'react'

/** Browsers refuse a page that rewrites its address too often. */
const WRITE_DELAY_MS = 200

function writeParam(name: string, value: string): void {
  const query = new URLSearchParams(location.search)
  if (value) query.set(name, value)
  else query.delete(name)
  const text = query.toString()
  history.replaceState(null, '', `${location.pathname}${text ? `?${text}` : ''}${location.hash}`)
}

/**
 * One value that lives in the address, so that it survives a reload and can be sent to a colleague. An empty value takes the
 * parameter out. Nothing is asked of the server. The value changes at once and the address follows: a field that waited for the
 * router would lose what is typed meanwhile.
 */
export function useQueryParam(name: string): [string, (value: string) => void] {
  const inAddress = useSearchParams().get(name) ?? ''
  const [value, setValue] = useState(inAddress)
  /** What was written and has not come back from the router yet. */
  const written = useRef<string[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  useEffect(() => {
    const ours = written.current.lastIndexOf(inAddress)
    if (ours >= 0) written.current.splice(0, ours + 1)
    else if (timer.current === undefined) setValue(inAddress)
  }, [inAddress])
  useEffect(() => () => clearTimeout(timer.current), [])

  const set = useCallback(
    (next: string) => {
      setValue(next)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        timer.current = undefined
        if (next === (new URLSearchParams(location.search).get(name) ?? '')) return
        written.current.push(next)
        writeParam(name, next)
      }, WRITE_DELAY_MS)
    },
    [name],
  )
  return [value, set]
}
