'use client'

import { describeSize, formatAmount, SIZE_NAMES, SIZES, type Size, type SizeName, sizeNameOf } from '@slipway/domain'
import { Select, type SelectOption } from '#ui/select.tsx'

type Choice = SizeName | 'custom'

const OPTIONS: SelectOption<Choice>[] = SIZE_NAMES.map((value) => ({
  value,
  label: describeSize(SIZES[value]),
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
      options={name === null ? [...OPTIONS, CUSTOM] : OPTIONS}
      onValueChange={(next) => {
        if (next !== 'custom') onChange({ ...SIZES[next] })
      }}
    />
  )
}
