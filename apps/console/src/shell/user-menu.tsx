'use client'

import { LogOut, Monitor, Moon, Settings, Sun } from 'lucide-react'
import Link from 'next/link'
import { signOut } from 'next-auth/react'
import { paths } from '#lib/paths.ts'
import { applyTheme, type Theme } from '#lib/theme.ts'
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '#ui/menu.tsx'
import { useAccount } from './use-account.ts'

const THEMES: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: 'system', label: 'Like the system', icon: Monitor },
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
]

/** Ends the session and leaves for the sign-in page. */
export function leave(): void {
  void signOut({ callbackUrl: '/login', redirect: false }).then(() => location.assign('/login'))
}

/** First letters of the first and last word of a name. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => word?.[0] ?? '')
  return letters.join('').toUpperCase() || '?'
}

/** Who is signed in, their settings, the theme, and the way out. */
export function UserMenu() {
  const account = useAccount()
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex size-7 items-center justify-center rounded-full border border-line-strong bg-accent-soft font-medium text-2xs text-accent hover:bg-active"
        >
          <span className="sr-only">Account menu</span>
          {initials(account?.name ?? '')}
        </button>
      }
    >
      {account && (
        <div className="px-2 py-1.5">
          <p className="truncate font-medium text-sm">{account.name}</p>
          <p className="truncate text-ink-3 text-xs">{account.email}</p>
        </div>
      )}
      <MenuSeparator />
      <MenuItem asChild>
        <Link href={paths.account}>
          <Settings aria-hidden />
          Account and tokens
        </Link>
      </MenuItem>
      <MenuSeparator />
      <MenuLabel>Theme</MenuLabel>
      {THEMES.map(({ theme, label, icon: Icon }) => (
        <MenuItem key={theme} onSelect={() => applyTheme(theme)}>
          <Icon aria-hidden />
          {label}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={leave}>
        <LogOut aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  )
}
