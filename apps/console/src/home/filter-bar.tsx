'use client'

import { Search, Trash2 } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Input } from '#ui/input.tsx'
import { Select } from '#ui/select.tsx'
import { type Grouping, type ListView, readView, SORT_KEYS, type SortKey, writeView } from './app-view.ts'
import { COLUMN_LABELS, firstDirection } from './columns.ts'
import { SaveFilter } from './save-filter.tsx'
import { useSavedFilters } from './use-saved-filters.ts'
import { ViewLink } from './view-link.tsx'

const GROUP_OPTIONS: { value: Grouping; label: string }[] = [
  { value: 'cause', label: 'Grouped by cause' },
  { value: 'project', label: 'Grouped by project' },
  { value: 'none', label: 'Not grouped' },
]
const SORT_OPTIONS = SORT_KEYS.map((value) => ({ value, label: `Sorted by ${COLUMN_LABELS[value].toLowerCase()}` }))

interface FilterBarProps {
  view: ListView
  onChange: (change: Partial<ListView>) => void
  all: number
  attention: number
  searchRef: Ref<HTMLInputElement>
}

interface ChipProps {
  current: boolean
  view: ListView
  onChoose: (view: ListView) => void
  children: ReactNode
}

function Chip({ current, view, onChoose, children }: ChipProps) {
  return (
    <ViewLink
      view={view}
      onChoose={onChoose}
      aria-current={current ? 'page' : undefined}
      className={cn(
        'inline-flex h-7 max-w-60 items-center gap-1.5 rounded-md border px-2.5 text-xs transition-colors',
        current ? 'border-accent bg-accent-soft font-medium text-accent' : 'bg-surface text-ink-2 hover:bg-hover',
      )}
    >
      {children}
    </ViewLink>
  )
}

/** What the list shows, in which order; the person's own filters. */
export function FilterBar({ view, onChange, all, attention, searchRef }: FilterBarProps) {
  const saved = useSavedFilters()
  const query = writeView(view)
  const active = saved.filters.find((filter) => filter.query === query)
  const plain = writeView({ ...view, query: '', attention: false }) === query
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <div className="relative min-w-48 max-w-sm flex-1">
          <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
          <Input
            ref={searchRef}
            type="search"
            aria-label="Filter apps"
            aria-keyshortcuts="/"
            placeholder="Filter by name, project, status or cause"
            className="pl-8"
            value={view.query}
            onChange={(event) => onChange({ query: event.target.value })}
          />
        </div>
        <Select
          aria-label="Group apps"
          className="w-44 max-sm:w-[calc(50%-4px)]"
          value={view.group}
          onValueChange={(group) => onChange({ group })}
          options={GROUP_OPTIONS}
        />
        <Select<SortKey>
          aria-label="Sort apps"
          className="w-44 max-sm:w-[calc(50%-4px)] lg:hidden"
          value={view.sort}
          onValueChange={(sort) => onChange({ sort, descending: firstDirection(sort) })}
          options={SORT_OPTIONS}
        />
        {query !== '' && !active && <SaveFilter query={query} saved={saved} />}
        {active && (
          <Button
            variant="ghost"
            pending={saved.remove.isPending}
            onClick={() => saved.remove.mutate({ name: active.name })}
          >
            <Trash2 aria-hidden />
            Delete filter
          </Button>
        )}
      </div>
      <nav aria-label="Filters" className="flex flex-wrap items-center gap-1.5">
        <Chip current={plain && !active} view={{ ...view, query: '', attention: false }} onChoose={onChange}>
          All <span className="tabular">{all}</span>
        </Chip>
        <Chip current={view.attention && !active} view={{ ...view, attention: !view.attention }} onChoose={onChange}>
          Needs attention <span className="tabular">{attention}</span>
        </Chip>
        {saved.filters.map(({ name, query: its }) => (
          <Chip
            key={name}
            current={name === active?.name}
            view={readView(new URLSearchParams(its))}
            onChoose={onChange}
          >
            <span className="truncate">{name}</span>
          </Chip>
        ))}
        {saved.error && saved.filters.length === 0 && (
          <span role="alert" className="text-degraded text-xs">
            Your saved filters could not be loaded.{' '}
            <button type="button" className="underline" onClick={saved.retry}>
              Try again
            </button>
          </span>
        )}
      </nav>
    </div>
  )
}
