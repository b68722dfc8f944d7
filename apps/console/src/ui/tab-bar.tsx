'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { cn } from './cn.ts'

export interface TabLink {
  href: string
  label: string
  /** Shown beside the label, such as a count. */
  extra?: string
}

/** Links between the pages of one thing; scrolls sideways where they do not fit, with the present one in sight. */
export function TabBar({ tabs, label }: { tabs: readonly TabLink[]; label: string }) {
  const pathname = usePathname()
  const bar = useRef<HTMLElement>(null)
  const first = tabs[0]?.href
  const current = tabs.find((tab) => (tab.href === first ? pathname === tab.href : pathname.startsWith(tab.href)))

  // biome-ignore lint/correctness/useExhaustiveDependencies: the present tab is found in the page again after each move
  useEffect(() => {
    const active = bar.current?.querySelector('[aria-current]')
    if (active instanceof HTMLElement && bar.current) {
      bar.current.scrollLeft = active.offsetLeft - bar.current.clientWidth / 2 + active.clientWidth / 2
    }
  }, [pathname])

  return (
    <nav ref={bar} aria-label={label} className="-mb-px relative flex gap-1 overflow-x-auto [scrollbar-width:none]">
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href}
          aria-current={tab === current ? 'page' : undefined}
          className={cn(
            'flex h-9 shrink-0 items-center gap-1.5 border-b-2 px-2.5 text-sm transition-colors focus-visible:outline-offset-[-2px]',
            tab === current ? 'border-accent font-medium text-ink' : 'border-transparent text-ink-2 hover:text-ink',
          )}
        >
          {tab.label}
          {tab.extra && <span className="text-ink-3 text-xs tabular">{tab.extra}</span>}
        </Link>
      ))}
    </nav>
  )
}
