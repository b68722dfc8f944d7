'use client'

import { useEffect } from 'react'

/** Asks before a tab with staged edits is closed. */
export function useLeaveGuard(staged: boolean): void {
  useEffect(() => {
    if (!staged) return
    const guard = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', guard)
    return () => window.removeEventListener('beforeunload', guard)
  }, [staged])
}
