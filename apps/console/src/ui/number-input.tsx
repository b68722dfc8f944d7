'use client'

import { Minus, Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { cn } from './cn.ts'

interface NumberInputProps {
  value: number
  onChange: (value: number) => void
  label: string
  min: number
  max: number
  step?: number
  /** Shown after the figure. */
  unit?: string
  disabled?: boolean
  autoFocus?: boolean
  /** Marks that this differs from what is applied. */
  edited?: boolean
}

/**
 * A whole number with its unit and buttons for one step less or more. What is typed stays as it is, out of range too, and is given
 * on (NaN where it is no number): what applies it says what is wrong.
 */
export function NumberInput({
  value,
  onChange,
  label,
  min,
  max,
  step = 1,
  unit,
  disabled,
  edited,
  autoFocus,
}: NumberInputProps) {
  const [text, setText] = useState(String(value))
  useEffect(() => {
    if (!Number.isNaN(value)) setText(String(value))
  }, [value])
  const invalid = !Number.isInteger(value) || value < min || value > max
  const set = (next: number) => onChange(Math.min(max, Math.max(min, Number.isNaN(next) ? min : next)))
  const take = (typed: string) => {
    setText(typed)
    onChange(/^\d{1,15}$/.test(typed) ? Number(typed) : Number.NaN)
  }
  const button =
    'flex w-7 shrink-0 items-center justify-center text-ink-3 hover:bg-hover hover:text-ink disabled:opacity-40'
  return (
    <span
      className={cn(
        'inline-flex h-8 items-stretch overflow-hidden rounded-md border bg-surface focus-within:border-accent',
        invalid ? 'border-degraded' : edited ? 'border-warning' : 'border-control/60',
        disabled && 'opacity-60',
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        aria-label={`${label}: less`}
        disabled={disabled || value <= min}
        className={button}
        onClick={() => set(value - step)}
      >
        <Minus aria-hidden className="size-3.5" />
      </button>
      <input
        inputMode="numeric"
        // biome-ignore lint/a11y/noAutofocus: for dialogs that ask for this number alone
        autoFocus={autoFocus}
        role="spinbutton"
        aria-label={unit ? `${label} in ${unit}` : label}
        aria-valuenow={Number.isNaN(value) ? undefined : value}
        aria-invalid={invalid || undefined}
        aria-valuemin={min}
        aria-valuemax={max}
        disabled={disabled}
        value={text}
        onChange={(event) => take(event.target.value.trim())}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') set(value + step)
          if (event.key === 'ArrowDown') set(value - step)
        }}
        className={cn(
          'bg-transparent text-center text-sm tabular focus-visible:outline-offset-[-2px]',
          max > 999 ? 'w-16' : 'w-10',
        )}
      />
      {unit && <span className="flex select-none items-center pr-1 text-ink-3 text-xs">{unit}</span>}
      <button
        type="button"
        tabIndex={-1}
        aria-label={`${label}: more`}
        disabled={disabled || value >= max}
        className={button}
        onClick={() => set(value + step)}
      >
        <Plus aria-hidden className="size-3.5" />
      </button>
    </span>
  )
}
