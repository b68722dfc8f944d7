import type { ComponentProps, ReactNode } from 'react'

interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type' | 'children'> {
  label: ReactNode
  hint?: ReactNode
}

/** A choice that is on or off, with what it means beside it. */
export function Checkbox({ label, hint, ...props }: CheckboxProps) {
  return (
    <label className="flex items-start gap-2.5 text-sm">
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-accent" {...props} />
      <span className="min-w-0">
        {label}
        {hint && <span className="block text-ink-3 text-xs">{hint}</span>}
      </span>
    </label>
  )
}
