'use client'

import Link from 'next/link'
import type { ComponentProps, MouseEvent } from 'react'
import { paths } from '#lib/paths.ts'
import { type ListView, writeView } from './app-view.ts'

interface ViewLinkProps extends Omit<ComponentProps<typeof Link>, 'href' | 'onClick'> {
  /** What it leads to. */
  view: ListView
  onChoose: (view: ListView) => void
}

/**
 * Another view of the list. A link, so that it works on the server's first paint, before any script has run, and opens in another
 * tab; once the page is alive it changes the view in place.
 */
export function ViewLink({ view, onChoose, ...rest }: ViewLinkProps) {
  const query = writeView(view)
  const choose = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onChoose(view)
  }
  return <Link href={`${paths.home}${query ? `?${query}` : ''}`} prefetch={false} onClick={choose} {...rest} />
}
