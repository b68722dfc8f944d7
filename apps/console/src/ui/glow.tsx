'use client'

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { cn } from './cn.ts'

interface GlowProps {
  /** What is watched; a new value glows for a second. */
  value: string | number | null
  children: ReactNode
  className?: string
}

/** Shows for a moment that something has just changed by itself. */
export function Glow({ value, children, className }: GlowProps) {
  const last = useRef(value)
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (last.current === value) return
    last.current = value
    setRound((count) => count + 1)
  }, [value])
  return (
    <span key={round} className={cn('-mx-1 rounded-sm px-1', round > 0 && 'animate-glow', className)}>
      {children}
    </span>
  )
}
