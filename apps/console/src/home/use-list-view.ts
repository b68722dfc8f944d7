'use client'

import { useMemo } from 'react'
import { useQueryParam } from '#lib/use-query-param.ts'
import { type ListView, readView, writeView } from './app-view.ts'

/** The list's view, from the address and back into it: it survives a reload and can be sent to a colleague. */
export function useListView(): [ListView, (change: Partial<ListView>) => void] {
  const [q, setQ] = useQueryParam('q')
  const [show, setShow] = useQueryParam('show')
  const [sort, setSort] = useQueryParam('sort')
  const [group, setGroup] = useQueryParam('group')
  const view = useMemo(() => readView(new URLSearchParams({ q, show, sort, group })), [q, show, sort, group])
  const change = (part: Partial<ListView>) => {
    const next = { ...view, ...part }
    const params = new URLSearchParams(writeView(next))
    // As it was typed: a space at the end is the beginning of the next word.
    setQ(next.query)
    setShow(params.get('show') ?? '')
    setSort(params.get('sort') ?? '')
    setGroup(params.get('group') ?? '')
  }
  return [view, change]
}
