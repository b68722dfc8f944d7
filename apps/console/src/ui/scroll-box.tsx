import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** A box that scrolls sideways by itself, also by keyboard, instead of widening the page. */
export function ScrollBox({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  const classes = cn('overflow-x-auto focus-visible:outline-offset-[-2px]', className)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={classes}>
      {children}
    </section>
  )
}
