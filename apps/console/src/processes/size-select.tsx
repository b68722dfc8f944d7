'use client'

import { formatAmount, SIZE_NAMES, SIZES, type Size, type SizeName, sizeNameOf } from '@slipway/domain'
import { Select, type SelectOption } from '#ui/select.tsx'

type Choice = SizeName | 'custom'

/** Sizes that have a name, with what they are. */
export const SIZE_OPTIONS: SelectOption<SizeName>[] = SIZE_NAMES.map((value) => ({
  value,
  label: value,
  about: `${formatAmount('cpuMillis', SIZES[value].cpuMillis)}, ${formatAmount('memoryMiB', SIZES[value].memoryMiB)}`,
}))
const CUSTOM: SelectOption<Choice> = { value: 'custom', label: 'custom', disabled: true }

interface SizeSelectProps {
  label: string
  value: Size
  onChange: (size: Size) => void
  disabled?: boolean
}

/** Picks a size by its name; one that has none is called custom. */
export function SizeSelect({ label, value, onChange, disabled = false }: SizeSelectProps) {
  const name = sizeNameOf(value)
  return (
    <Select<Choice>
      aria-label={label}
      value={name ?? 'custom'}
      disabled={disabled}
      options={name === null ? [...SIZE_OPTIONS, CUSTOM] : SIZE_OPTIONS}
      onValueChange={(next) => {
        if (next !== 'custom') onChange({ ...SIZES[next] })
      }}
    />
  )
}
