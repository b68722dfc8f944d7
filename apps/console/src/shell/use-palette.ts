'use client'

import { useQueries, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { copyText } from '#lib/clipboard.ts'
import { appOf } from '#lib/route.ts'
import { applyTheme } from '#lib/theme.ts'
import type { AppAction } from './app-commands.ts'
import type { PaletteCommand } from './palette-command.ts'
import { paletteCommands } from './palette-commands.ts'
import { useAccount } from './use-account.ts'
import { usePlace } from './use-place.ts'
import { leave } from './user-menu.tsx'

/** Teams whose people are looked up at most: one call each, in one batch. */
const MAX_TEAMS = 20

export interface PaletteActions {
  close: () => void
  openHelp: () => void
  /** Opens the dialog of an action on the app in view. */
  ask: (action: AppAction) => void
}

async function copy(text: string, what: string): Promise<void> {
  if (await copyText(text)) toast.success(`${what} is on the clipboard.`)
  else toast.error(`The browser does not allow copying. ${what} is ${text}.`)
}

/** The people of the account's teams; those of teams that do not answer are left out. */
function useMembers() {
  const trpc = useTRPC()
  const teams = (useAccount()?.teams ?? []).slice(0, MAX_TEAMS)
  return useQueries({
    queries: teams.map(({ team }) => trpc.member.list.queryOptions({ team }, { staleTime: 60_000 })),
    combine: (results) => new Map(teams.map(({ team }, at) => [team, results[at]?.data ?? []] as const)),
  })
}

/** Everything the palette offers here; every command closes it first. */
export function usePaletteCommands({ close, openHelp, ask }: PaletteActions): PaletteCommand[] {
  const trpc = useTRPC()
  const router = useRouter()
  const place = usePlace()
  const account = useAccount()
  const members = useMembers()
  const ref = appOf(place)
  const inApp = ref !== null
  const apps = useQuery(trpc.app.list.queryOptions({})).data
  const app = useQuery({
    ...trpc.app.get.queryOptions(ref ?? { team: '', project: '', environment: '', app: '' }),
    enabled: inApp,
  }).data
  return useMemo(() => {
    const then =
      <A extends unknown[]>(work: (...args: A) => void) =>
      (...args: A) => {
        close()
        work(...args)
      }
    return paletteCommands({
      ...{ place, account, members },
      app: inApp ? app : undefined,
      apps: apps ?? [],
      go: then((href) => router.push(href)),
      ask: then(ask),
      open: then((url) => window.open(url, '_blank', 'noreferrer')),
      copy: then((text, what) => void copy(text, what)),
      setTheme: then(applyTheme),
      openHelp: then(openHelp),
      signOut: then(leave),
    })
  }, [place, account, members, inApp, app, apps, router, close, ask, openHelp])
}
