'use client'

import { ToggleGroup } from 'radix-ui'
import type { ReactNode } from 'react'

interface SegmentedProps<V extends string> {
  value: V
  onValueChange: (value: V) => void
  options: readonly { value: V; label: ReactNode }[]
  label: string
}

/** One of two to four, all in sight. */
export function Segmented<V extends string>({ value, onValueChange, options, label }: SegmentedProps<V>) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={(next) => next && onValueChange(next as V)}
      aria-label={label}
      className="inline-flex rounded-md border bg-sunken p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-6.5 rounded-sm border border-transparent px-2.5 text-ink-2 text-xs transition-colors hover:text-ink data-[state=on]:border-line-strong data-[state=on]:bg-raised data-[state=on]:font-medium data-[state=on]:text-ink"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
