import {
  type AccountView,
  type AppSummary,
  type AppView,
  type MemberView,
  roleAllows,
  stateWord,
} from '@slipway/domain'
import { Box, Keyboard, LogOut, Moon, Plus, Sun, SunMoon } from 'lucide-react'
import { paths } from '#lib/paths.ts'
import { appOf, type Place } from '#lib/route.ts'
import type { Theme } from '#lib/theme.ts'
import { type AppAction, appCommands } from './app-commands.ts'
import { APP_KEYS } from './keys.ts'
import type { PaletteCommand } from './palette-command.ts'
import { adminCommands, peopleCommands, settingsCommands, teamCommands } from './settings-commands.ts'

interface PaletteSources {
  place: Place
  /** The app in view, once it is known. */
  app: AppView | undefined
  apps: readonly AppSummary[]
  account: AccountView | undefined
  /** By team. */
  members: ReadonlyMap<string, readonly MemberView[]>
  go: (href: string) => void
  ask: (action: AppAction) => void
  open: (url: string) => void
  copy: (text: string, what: string) => void
  setTheme: (theme: Theme) => void
  openHelp: () => void
  signOut: () => void
}

function appPages({ place, go }: PaletteSources): PaletteCommand[] {
  const ref = appOf(place)
  if (!ref) return []
  return APP_KEYS.map(({ key, label, page }) => ({
    id: `page:${label}`,
    group: `Pages of ${ref.app}`,
    label,
    icon: Box,
    keys: ['g', key],
    run: () => go(paths.app(ref, page)),
  }))
}

function actions({ place, account, go, setTheme, openHelp, signOut }: PaletteSources): PaletteCommand[] {
  const group = 'Actions'
  const newApp = {
    ...{ id: 'new', group, label: 'New app', icon: Plus, keys: ['g', 'n'] },
    run: () => go(paths.newApp(place)),
  }
  const mayCreate = account?.teams.some(({ role }) => roleAllows(role, 'app.create')) ?? false
  return [
    ...(mayCreate ? [newApp] : []),
    { id: 'light', group, label: 'Light theme', icon: Sun, run: () => setTheme('light') },
    { id: 'dark', group, label: 'Dark theme', icon: Moon, run: () => setTheme('dark') },
    { id: 'system', group, label: 'Theme like the system', icon: SunMoon, run: () => setTheme('system') },
    { id: 'keys', group, label: 'Keyboard shortcuts', icon: Keyboard, keys: ['?'], run: openHelp },
    { id: 'out', group, label: 'Sign out', icon: LogOut, run: signOut },
  ]
}

/** Everything the palette can reach from here, the nearest first. */
export function paletteCommands(sources: PaletteSources): PaletteCommand[] {
  const { app, account, members, place, go } = sources
  const teams = account?.teams ?? []
  const apps = sources.apps.map(({ ref, health }) => ({
    id: `app:${ref.team}/${ref.project}/${ref.environment}/${ref.app}`,
    group: 'Apps',
    label: ref.app,
    about: `${ref.project} / ${ref.environment} · ${stateWord(health.state)}`,
    icon: Box,
    run: () => go(paths.app(ref)),
  }))
  const people = teams.map((team) => ({ ...team, members: members.get(team.team) ?? [] }))
  return [
    ...(app ? appCommands({ ...sources, app }) : []),
    ...appPages(sources),
    ...apps,
    ...actions(sources),
    ...settingsCommands(place, go),
    ...teamCommands(teams, go),
    ...peopleCommands(people, go),
    ...(account?.operator ? adminCommands(go) : []),
  ]
}

/** Entries of one group that are shown at most: more are found by typing more. */
const MAX_SHOWN = 50

/** The commands that have every typed word in what they say; those that begin with the text come first within their group. */
export function findCommands(commands: readonly PaletteCommand[], typed: string): Map<string, PaletteCommand[]> {
  const text = typed.trim().toLowerCase()
  const words = text.split(/\s+/)
  const found = commands.filter(({ label, about = '', group }) => {
    const own = `${label} ${about} ${group}`.toLowerCase()
    return words.every((word) => own.includes(word))
  })
  const rank = ({ label }: PaletteCommand) => (label.toLowerCase().startsWith(text) ? 0 : 1)
  const groups = Map.groupBy(found, ({ group }) => group)
  for (const [name, list] of groups) {
    groups.set(name, list.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_SHOWN))
  }
  return groups
}
