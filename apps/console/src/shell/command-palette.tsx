'use client'

import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { useRouter } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { useMemo } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { appOf } from '#lib/route.ts'
import { applyTheme } from '#lib/theme.ts'
import { Kbd } from '#ui/kbd.tsx'
import { commandClasses } from './command-classes.ts'
import { type PaletteCommand, paletteCommands } from './palette-commands.ts'
import { useAccount } from './use-account.ts'
import { usePlace } from './use-place.ts'
import { leave } from './user-menu.tsx'

interface CommandPaletteProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  openHelp: () => void
}

function useCommands(close: () => void, openHelp: () => void): Map<string, PaletteCommand[]> {
  const trpc = useTRPC()
  const router = useRouter()
  const place = usePlace()
  const account = useAccount()
  const apps = useQuery(trpc.app.list.queryOptions({})).data
  return useMemo(() => {
    const then =
      <A extends unknown[]>(work: (...args: A) => void) =>
      (...args: A) => {
        close()
        work(...args)
      }
    const commands = paletteCommands({
      app: appOf(place),
      apps: apps ?? [],
      account,
      go: then((href) => router.push(href)),
      setTheme: then(applyTheme),
      openHelp: then(openHelp),
      signOut: then(leave),
    })
    return Map.groupBy(commands, (command) => command.group)
  }, [place, apps, account, router, close, openHelp])
}

/** ⌘K: every page and action by name. */
export function CommandPalette({ open, onOpenChange, openHelp }: CommandPaletteProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl animate-enter overflow-hidden rounded-lg border border-line-strong bg-raised shadow-xl"
        >
          <Dialog.Title className="sr-only">Find a page or an action</Dialog.Title>
          <PaletteList close={() => onOpenChange(false)} openHelp={openHelp} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function PaletteList({ close, openHelp }: { close: () => void; openHelp: () => void }) {
  const groups = useCommands(close, openHelp)
  return (
    <Command label="Find a page or an action" loop>
      <Command.Input placeholder="Go to an app, a page or an action…" className={commandClasses.input} />
      <Command.List className="max-h-[min(60vh,420px)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-ink-3 text-sm">Nothing of that name.</Command.Empty>
        {[...groups].map(([group, commands]) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
          >
            {commands.map(({ id, label, about, icon: Icon, keys, run }) => (
              <Command.Item
                key={id}
                value={id}
                keywords={[label, about ?? '', group]}
                onSelect={run}
                className={commandClasses.item}
              >
                <Icon aria-hidden />
                <span className="truncate">{label}</span>
                {about && <span className="min-w-0 truncate text-ink-3 text-xs">{about}</span>}
                <span className="ml-auto flex gap-1">
                  {keys?.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </span>
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  )
}
