'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Spinner } from '#ui/spinner.tsx'

const LOOK_AGAIN_MS = 2_000

/** Stands in while the platform starts, and goes on by itself when it answers. */
export function PlatformAway() {
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [router])
  return (
    <p role="status" className="flex items-center gap-2 text-ink-2 text-sm">
      <Spinner />
      Waiting for the platform to answer…
    </p>
  )
}
