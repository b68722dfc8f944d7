'use client'

import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { appOf } from '#lib/route.ts'
import { Kbd } from '#ui/kbd.tsx'
import { AppActionDialog } from './app-action-dialog.tsx'
import type { AppAction } from './app-commands.ts'
import { commandClasses } from './command-classes.ts'
import type { PaletteCommand } from './palette-command.ts'
import { findCommands } from './palette-commands.ts'
import { type PaletteActions, usePaletteCommands } from './use-palette.ts'
import { usePlace } from './use-place.ts'

interface CommandPaletteProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  openHelp: () => void
}

/** Every page and action by name, on the platform's own key and K. */
export function CommandPalette({ open, onOpenChange, openHelp }: CommandPaletteProps) {
  const ref = appOf(usePlace())
  const [action, setAction] = useState<AppAction | null>(null)
  return (
    <>
      <Dialog.Root open={open} onOpenChange={onOpenChange}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
          <Dialog.Content
            aria-describedby={undefined}
            className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl animate-enter overflow-hidden rounded-lg border border-line-strong bg-raised shadow-xl"
          >
            <Dialog.Title className="sr-only">Find a page or an action</Dialog.Title>
            <PaletteList close={() => onOpenChange(false)} openHelp={openHelp} ask={setAction} />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      {ref && action && <AppActionDialog appRef={ref} action={action} onClose={() => setAction(null)} />}
    </>
  )
}

function Entry({ command }: { command: PaletteCommand }) {
  const { id, label, about, icon: Icon, keys, disabled, run } = command
  return (
    <Command.Item value={id} disabled={disabled !== undefined} onSelect={run} className={commandClasses.item}>
      <Icon aria-hidden />
      <span className={disabled ? 'shrink-0 text-ink-3' : 'shrink-0 max-w-[60%] truncate'}>{label}</span>
      {(disabled ?? about) && <span className="min-w-0 truncate text-ink-3 text-xs">{disabled ?? about}</span>}
      <span className="ml-auto flex gap-1">
        {keys?.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Command.Item>
  )
}

function PaletteList(actions: PaletteActions) {
  const [typed, setTyped] = useState('')
  const groups = findCommands(usePaletteCommands(actions), typed)
  return (
    // What is typed is looked for by us: hundreds of apps are too many to draw and then hide.
    <Command label="Find a page or an action" loop shouldFilter={false}>
      <Command.Input
        value={typed}
        onValueChange={setTyped}
        placeholder="Find an app, a person, a page or an action…"
        className={commandClasses.input}
      />
      <Command.List className="max-h-[min(60vh,420px)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-ink-3 text-sm">Nothing of that name.</Command.Empty>
        {[...groups].map(([group, commands]) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
          >
            {commands.map((command) => (
              <Entry key={command.id} command={command} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  )
}
