'use client'

import { PanelLeftClose, PanelLeftOpen, Plus } from 'lucide-react'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Sheet } from '#ui/sheet.tsx'
import { Logo, LogoMark } from './logo.tsx'
import { Nav } from './nav.tsx'
import { useMayAnywhere } from './use-account.ts'
import { usePlace } from './use-place.ts'

function NewApp({ folded, onNavigate }: { folded?: boolean; onNavigate?: () => void }) {
  const place = usePlace()
  const mayCreate = useMayAnywhere('app.create')
  if (!mayCreate) return null
  return (
    <div className="px-2 pb-3">
      <Button asChild className={cn('w-full', folded && 'px-0')}>
        <Link href={paths.newApp(place)} onClick={onNavigate} title={folded ? 'New app' : undefined}>
          <Plus aria-hidden />
          <span className={folded ? 'sr-only' : ''}>New app</span>
        </Link>
      </Button>
    </div>
  )
}

/** The left edge on wide screens. */
export function Sidebar({ folded, onFold }: { folded: boolean; onFold: (folded: boolean) => void }) {
  return (
    <aside
      aria-label="Sidebar"
      className={cn('sticky top-0 hidden h-dvh shrink-0 flex-col border-r bg-page md:flex', folded ? 'w-14' : 'w-55')}
    >
      <div className={cn('flex h-12 items-center px-4', folded && 'justify-center px-0')}>
        <Link href={paths.home} aria-label="Slipway, all apps" className="rounded-md">
          {folded ? <LogoMark /> : <Logo />}
        </Link>
      </div>
      <NewApp folded={folded} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <Nav folded={folded} />
      </div>
      <div className={cn('flex p-2', folded && 'justify-center')}>
        <Button
          variant="ghost"
          size="icon"
          aria-label={folded ? 'Unfold sidebar' : 'Fold sidebar'}
          aria-expanded={!folded}
          onClick={() => onFold(!folded)}
        >
          {folded ? <PanelLeftOpen aria-hidden /> : <PanelLeftClose aria-hidden />}
        </Button>
      </div>
    </aside>
  )
}

/** The same on narrow screens, drawn in from the edge. */
export function MobileNav({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const close = () => onOpenChange(false)
  return (
    <Sheet open={open} onOpenChange={onOpenChange} label="Navigation">
      <div className="flex h-12 items-center px-4">
        <Logo />
      </div>
      <NewApp onNavigate={close} />
      <div className="min-h-0 flex-1 overflow-y-auto pb-4">
        <Nav onNavigate={close} />
      </div>
    </Sheet>
  )
}
