import type { ComponentProps } from 'react'
import { cn } from './cn.ts'

export const controlClasses =
  'w-full min-w-0 rounded-md border border-control/60 bg-surface px-2.5 text-sm text-ink transition-colors hover:border-control focus-visible:border-accent focus-visible:outline-offset-0 disabled:bg-sunken disabled:text-ink-3 aria-invalid:border-degraded'

/** A line of text. `mono` for names, commands and values. */
export function Input({ className, mono, ...rest }: ComponentProps<'input'> & { mono?: boolean }) {
  return (
    <input
      className={cn(controlClasses, 'h-8', mono && 'font-mono text-xs', className)}
      spellCheck={mono ? false : undefined}
      autoCapitalize={mono ? 'off' : undefined}
      {...rest}
    />
  )
}

/** Several lines of text. */
export function TextArea({ className, mono, ...rest }: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      className={cn(controlClasses, 'min-h-20 py-1.5', mono && 'font-mono text-xs', className)}
      spellCheck={mono ? false : undefined}
      {...rest}
    />
  )
}
