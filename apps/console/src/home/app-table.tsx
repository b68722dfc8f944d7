'use client'

import { ArrowDown, ArrowUp, ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { AppHealthMark } from '#ui/status.tsx'
import { AppRow } from './app-row.tsx'
import { type AppGroup, keyOf, type ListView, SORT_KEYS, type SortKey } from './app-view.ts'
import { COLUMN_CLASSES, COLUMN_LABELS, firstDirection } from './columns.ts'
import { ViewLink } from './view-link.tsx'

/** Rows that are drawn at first: a page of thousands is slow to begin with. */
const MAX_ROWS = 400

interface SortProps {
  view: ListView
  onChange: (view: ListView) => void
}

function ColumnHead({ column, view, onChange }: SortProps & { column: SortKey }) {
  const current = view.sort === column
  const descending = current ? !view.descending : firstDirection(column)
  const Arrow = view.descending ? ArrowDown : ArrowUp
  const right = column === 'instances' || column === 'deployed'
  return (
    <th
      scope="col"
      aria-sort={current ? (view.descending ? 'descending' : 'ascending') : undefined}
      className={cn('overflow-hidden border-b bg-surface px-2 first:pl-4 last:pr-4', COLUMN_CLASSES[column])}
    >
      <ViewLink
        view={{ ...view, sort: column, descending }}
        onChoose={onChange}
        className={cn(
          'flex h-8 w-full items-center gap-1 font-medium text-xs hover:text-ink focus-visible:outline-offset-[-2px]',
          current ? 'text-ink' : 'text-ink-3',
          right && 'justify-end',
        )}
      >
        <span className="truncate">{COLUMN_LABELS[column]}</span>
        {current && <Arrow aria-hidden className="size-3 shrink-0" />}
      </ViewLink>
    </th>
  )
}

interface GroupHeadProps {
  group: AppGroup
  open: boolean
  onToggle: () => void
}

function GroupHead({ group, open, onToggle }: GroupHeadProps) {
  const Chevron = open ? ChevronDown : ChevronRight
  const [first] = group.apps
  const count = `${group.apps.length} ${group.apps.length === 1 ? 'app' : 'apps'}`
  return (
    <tr>
      <th scope="rowgroup" colSpan={SORT_KEYS.length} className="border-b bg-sunken p-0 text-left font-normal">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex min-h-9 w-full items-center gap-2 px-4 py-1 text-left text-sm hover:bg-hover focus-visible:outline-offset-[-2px]"
        >
          <Chevron aria-hidden className="size-3.5 shrink-0 text-ink-3" />
          <span className="shrink-0 font-medium tabular">{count}</span>
          {group.failing && first && <AppHealthMark app={first} className="max-sm:hidden" />}
          <span className={cn('min-w-0 break-words', group.failing ? 'text-ink' : 'text-ink-2')}>{group.title}</span>
        </button>
      </th>
    </tr>
  )
}

/** Cuts what does not fit, from the end on. */
function firstRows(groups: readonly AppGroup[], closed: ReadonlySet<string>, max: number) {
  let left = max
  return groups.map((group) => {
    if (closed.has(group.key)) return { group, shown: [] }
    const shown = group.apps.slice(0, Math.max(0, left))
    left -= shown.length
    return { group, shown }
  })
}

/** The apps as a table: a click on a column's head sorts, one on a group's head folds it. */
export function AppTable({ groups, view, onChange }: SortProps & { groups: readonly AppGroup[] }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [max, setMax] = useState(MAX_ROWS)
  const toggle = (key: string) =>
    setClosed((last) => (last.has(key) ? new Set([...last].filter((each) => each !== key)) : new Set([...last, key])))
  const parts = firstRows(groups, closed, max)
  const cut = parts.reduce(
    (sum, { group, shown }) => sum + (closed.has(group.key) ? 0 : group.apps.length - shown.length),
    0,
  )
  return (
    <div className="min-w-0 overflow-clip rounded-lg border bg-surface">
      <table aria-label="Apps" className="w-full table-fixed border-separate border-spacing-0">
        <thead className="sticky top-12 z-10">
          <tr>
            {SORT_KEYS.map((column) => (
              <ColumnHead key={column} {...{ column, view, onChange }} />
            ))}
          </tr>
        </thead>
        {parts.map(({ group, shown }) => (
          <tbody key={group.key}>
            {group.title !== null && (
              <GroupHead group={group} open={!closed.has(group.key)} onToggle={() => toggle(group.key)} />
            )}
            {shown.map((app) => (
              <AppRow key={keyOf(app)} app={app} />
            ))}
          </tbody>
        ))}
      </table>
      {cut > 0 && (
        <div className="p-3 text-center">
          <Button onClick={() => setMax(Number.POSITIVE_INFINITY)}>Show the other {cut}</Button>
        </div>
      )}
    </div>
  )
}
