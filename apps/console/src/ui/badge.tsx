import type { ReactNode } from 'react'
import { cn } from './cn.ts'
import { type Tone, toneBox } from './tone.ts'

/** A short word in a tinted box. */
export function Badge({
  tone = 'neutral',
  className,
  children,
}: {
  tone?: Tone
  className?: string
  children: ReactNode
}) {
  return (
    <span
      className={cn(
        'inline-flex h-5 max-w-full items-center gap-1 truncate rounded-sm border px-1.5 font-medium text-2xs [&_svg]:size-3',
        toneBox[tone],
        className,
      )}
    >
      {children}
    </span>
  )
}
