'use client'

import { Switch as Radix } from 'radix-ui'
import { useId } from 'react'

interface SwitchProps {
  checked: boolean
  onCheckedChange: (checked: boolean) => void
  label: string
  disabled?: boolean
}

/** Turns one thing on or off at once. */
export function Switch({ checked, onCheckedChange, label, disabled }: SwitchProps) {
  const id = useId()
  return (
    <span className="inline-flex items-center gap-2">
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={onCheckedChange}
        disabled={disabled}
        className="h-4.5 w-8 rounded-full border border-control/60 bg-active p-px transition-colors data-[state=checked]:border-transparent data-[state=checked]:bg-accent-solid"
      >
        <Radix.Thumb className="block size-3.5 rounded-full bg-on-accent shadow-sm ring-1 ring-control/40 transition-transform data-[state=checked]:translate-x-3.5" />
      </Radix.Root>
      <label htmlFor={id} className="text-ink-2 text-xs">
        {label}
      </label>
    </span>
  )
}
