'use client'

import { cloneElement, type ReactElement, type ReactNode, useId } from 'react'
import { cn } from './cn.ts'

interface ControlProps {
  id?: string
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

interface FieldProps {
  label: ReactNode
  /** What to enter, or what it is for. */
  hint?: ReactNode
  /** What is wrong with what was entered; takes the hint's place. */
  error?: ReactNode
  /** The control; it gets id and descriptions. */
  children: ReactElement<ControlProps>
  className?: string
  hideLabel?: boolean
}

/** A labelled control with its hint or error, wired for screen readers. */
export function Field({ label, hint, error, children, className, hideLabel }: FieldProps) {
  const id = useId()
  const describedBy = error || hint ? `${id}-about` : undefined
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className={cn('font-medium text-ink text-sm', hideLabel && 'sr-only')}>
        {label}
      </label>
      {cloneElement(children, { id, 'aria-describedby': describedBy, 'aria-invalid': error ? true : undefined })}
      {describedBy && (
        <p
          id={describedBy}
          role={error ? 'alert' : undefined}
          className={cn('text-xs', error ? 'text-degraded' : 'text-ink-3')}
        >
          {error || hint}
        </p>
      )}
    </div>
  )
}
