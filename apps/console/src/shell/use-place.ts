'use client'

import { usePathname } from 'next/navigation'
import { useMemo } from 'react'
import { type Place, parsePlace } from '#lib/route.ts'

/** What the present page is about. */
export function usePlace(): Place {
  const pathname = usePathname()
  return useMemo(() => parsePlace(pathname), [pathname])
}
