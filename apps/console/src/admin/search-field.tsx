'use client'

import { Search } from 'lucide-react'
import { useDeferredValue } from 'react'
import { useQueryParam } from '#lib/use-query-param.ts'
import { Input } from '#ui/input.tsx'

/** What is searched for, kept in the address; `search` follows what is typed as fast as the list can be drawn. */
export function useSearch() {
  const [value, setValue] = useQueryParam('q')
  return { value, setValue, search: useDeferredValue(value.trim()) }
}

export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <div className="relative w-full sm:w-64">
      <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={200}
        className="pl-8"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  )
}
