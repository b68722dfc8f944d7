import type { AccountView, AppRef, AppSummary } from '@slipway/domain'
import {
  Box,
  FolderTree,
  Gauge,
  Keyboard,
  LogOut,
  type LucideIcon,
  Moon,
  Plus,
  Settings,
  Sun,
  SunMoon,
  Users,
} from 'lucide-react'
import { paths } from '#lib/paths.ts'
import type { Theme } from '#lib/theme.ts'
import { APP_KEYS } from './keys.ts'

export interface PaletteCommand {
  id: string
  group: string
  label: string
  about?: string
  icon: LucideIcon
  /** Keys that do the same. */
  keys?: readonly string[]
  run: () => void
}

interface PaletteSources {
  app: AppRef | null
  apps: readonly AppSummary[]
  account: AccountView | undefined
  go: (href: string) => void
  setTheme: (theme: Theme) => void
  openHelp: () => void
  signOut: () => void
}

function appPages({ app, go }: PaletteSources): PaletteCommand[] {
  if (!app) return []
  return APP_KEYS.map(({ key, label, page }) => ({
    id: `page:${label}`,
    group: app.app,
    label,
    icon: Box,
    keys: ['g', key],
    run: () => go(paths.app(app, page)),
  }))
}

function teamPages({ account, go }: PaletteSources): PaletteCommand[] {
  return (account?.teams ?? []).flatMap((team) => [
    {
      id: `team:${team.team}`,
      group: 'Teams',
      label: team.name,
      about: 'Projects',
      icon: FolderTree,
      run: () => go(paths.team(team)),
    },
    {
      id: `members:${team.team}`,
      group: 'Teams',
      label: team.name,
      about: 'Members',
      icon: Users,
      run: () => go(paths.teamSettings(team, 'members')),
    },
    {
      id: `quota:${team.team}`,
      group: 'Teams',
      label: team.name,
      about: 'Quota',
      icon: Gauge,
      run: () => go(paths.teamSettings(team, 'quota')),
    },
  ])
}

function actions({ app, go, setTheme, openHelp, signOut }: PaletteSources): PaletteCommand[] {
  const group = 'Actions'
  return [
    { id: 'new', group, label: 'New app', icon: Plus, keys: ['g', 'n'], run: () => go(paths.newApp(app ?? undefined)) },
    { id: 'account', group, label: 'Account and API tokens', icon: Settings, run: () => go(paths.account) },
    { id: 'light', group, label: 'Light theme', icon: Sun, run: () => setTheme('light') },
    { id: 'dark', group, label: 'Dark theme', icon: Moon, run: () => setTheme('dark') },
    { id: 'system', group, label: 'Theme like the system', icon: SunMoon, run: () => setTheme('system') },
    { id: 'keys', group, label: 'Keyboard shortcuts', icon: Keyboard, keys: ['?'], run: openHelp },
    { id: 'out', group, label: 'Sign out', icon: LogOut, run: signOut },
  ]
}

/** Everything ⌘K can reach from here, the nearest first. */
export function paletteCommands(sources: PaletteSources): PaletteCommand[] {
  const apps = sources.apps.map(({ ref, health }) => ({
    id: `app:${ref.team}/${ref.project}/${ref.environment}/${ref.app}`,
    group: 'Apps',
    label: ref.app,
    about: `${ref.project} / ${ref.environment} · ${health.status}`,
    icon: Box,
    run: () => sources.go(paths.app(ref)),
  }))
  return [...appPages(sources), ...apps, ...actions(sources), ...teamPages(sources)]
}
