'use client'

import { Menu as MenuIcon, Search } from 'lucide-react'
import { type ReactNode, useCallback, useState } from 'react'
import { AppleContext, useModifier } from '#lib/platform-keys.ts'
import { keepSidebar } from '#lib/theme.ts'
import { Button } from '#ui/button.tsx'
import { Kbd } from '#ui/kbd.tsx'
import { Breadcrumbs } from './breadcrumbs.tsx'
import { CommandPalette } from './command-palette.tsx'
import { ConnectionDot } from './connection-dot.tsx'
import { LiveApps } from './live-apps.tsx'
import { ProblemBanner } from './problem-banner.tsx'
import { ShortcutHelp } from './shortcut-help.tsx'
import { MobileNav, Sidebar } from './sidebar.tsx'
import { useShortcuts } from './use-shortcuts.ts'
import { UserMenu } from './user-menu.tsx'

interface HeaderProps {
  openNav: () => void
  openPalette: () => void
}

function Header({ openNav, openPalette }: HeaderProps) {
  const modifier = useModifier()
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b bg-page px-3 md:px-5">
      <Button variant="ghost" size="icon" className="-ml-1 md:hidden" aria-label="Open navigation" onClick={openNav}>
        <MenuIcon aria-hidden />
      </Button>
      <div className="min-w-0 flex-1">
        <Breadcrumbs />
      </div>
      <ConnectionDot />
      <Button size="sm" variant="ghost" onClick={openPalette}>
        <Search aria-hidden />
        <span className="sr-only">Find a page or an action</span>
        <span className="flex gap-0.5 max-sm:hidden">
          <Kbd>{modifier.name}</Kbd>
          <Kbd>K</Kbd>
        </span>
      </Button>
      <UserMenu />
    </header>
  )
}

interface ShellProps {
  initiallyFolded: boolean
  children: ReactNode
}

/** The frame round every page for those who are signed in. `apple`: whose keyboard it is. */
export function Shell({ apple, ...frame }: ShellProps & { apple: boolean }) {
  return (
    <AppleContext value={apple}>
      <Frame {...frame} />
    </AppleContext>
  )
}

function Frame({ initiallyFolded, children }: ShellProps) {
  const [folded, setFolded] = useState(initiallyFolded)
  const [navOpen, setNavOpen] = useState(false)
  const [paletteOpen, setPaletteOpen] = useState(false)
  const [helpOpen, setHelpOpen] = useState(false)
  const openHelp = useCallback(() => setHelpOpen(true), [])
  const fold = (next: boolean) => {
    setFolded(next)
    keepSidebar(next)
  }
  useShortcuts({ openPalette: () => setPaletteOpen(true), openHelp, toggleSidebar: () => fold(!folded) })
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent-solid px-3 py-2 text-on-accent text-sm focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Sidebar folded={folded} onFold={fold} />
      <div className="flex min-w-0 flex-1 flex-col">
        <Header openNav={() => setNavOpen(true)} openPalette={() => setPaletteOpen(true)} />
        <main id="content" tabIndex={-1} className="flex min-w-0 flex-1 flex-col outline-none">
          <ProblemBanner />
          {children}
        </main>
      </div>
      <MobileNav open={navOpen} onOpenChange={setNavOpen} />
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} openHelp={openHelp} />
      <ShortcutHelp open={helpOpen} onOpenChange={setHelpOpen} />
      <LiveApps />
    </div>
  )
}
