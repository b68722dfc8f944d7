'use client'

import { type RefObject, useEffect } from 'react'
import { isTyping } from '#shell/keys.ts'

const STEPS: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }

function links(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-app-link]')]
}

/**
 * The keys of the list: `/` filters, j and k go to the next and the previous app, Enter opens it as any link. The arrows do the
 * same from the filter and from an app; elsewhere they scroll.
 */
export function useListKeys(search: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return
      if (document.querySelector('[role="dialog"], [role="listbox"]')) return
      const inSearch = event.target === search.current
      if (event.key === '/' && !isTyping(event.target)) {
        event.preventDefault()
        search.current?.focus()
        return
      }
      const step = STEPS[event.key]
      if (step === undefined || (isTyping(event.target) && !(inSearch && event.key === 'ArrowDown'))) return
      const all = links()
      const active = document.activeElement
      const at = active instanceof HTMLElement ? all.indexOf(active) : -1
      if (at < 0 && event.key.startsWith('Arrow') && !inSearch) return
      if (at === 0 && step < 0) search.current?.focus()
      else all[at < 0 ? 0 : Math.min(all.length - 1, at + step)]?.focus()
      event.preventDefault()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [search])
}
