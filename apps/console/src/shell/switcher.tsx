'use client'

import { Command } from 'cmdk'
import { Check, ChevronsUpDown } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Popover } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { cn } from '#ui/cn.ts'
import { commandClasses } from './command-classes.ts'

export interface SwitcherOption {
  value: string
  label: string
  /** Second line or word, such as the environment's kind. */
  about?: ReactNode
  href: string
}

interface SwitcherProps {
  /** What kind of thing: "team", "app". */
  kind: string
  current: string
  label: ReactNode
  href: string
  options: readonly SwitcherOption[]
  /** An entry under the list, such as "New project". */
  create?: { label: string; href: string }
  last?: boolean
}

/** One part of the breadcrumb: a link to the thing, and beside it a list of its siblings. */
export function Switcher({ kind, current, label, href, options, create, last }: SwitcherProps) {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  const go = (target: string) => {
    setOpen(false)
    router.push(target)
  }
  return (
    <span className="flex min-w-0 items-center">
      <Link
        href={href}
        aria-current={last ? 'page' : undefined}
        className={cn(
          'truncate rounded-sm px-1 text-sm hover:text-ink',
          last ? 'font-medium text-ink' : 'text-ink-2 max-sm:hidden',
        )}
      >
        {label}
      </Link>
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          aria-label={`Switch ${kind}`}
          className={cn('shrink-0 rounded-sm p-0.5 text-ink-3 hover:bg-hover hover:text-ink', !last && 'max-sm:hidden')}
        >
          <ChevronsUpDown aria-hidden className="size-3.5" />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={6}
            collisionPadding={8}
            className="z-50 w-64 animate-enter overflow-hidden rounded-lg border border-line-strong bg-raised shadow-lg"
          >
            <Command label={`Switch ${kind}`} loop>
              <Command.Input placeholder={`Find ${kind}…`} className={commandClasses.input} />
              <Command.List className="max-h-72 overflow-y-auto p-1">
                <Command.Empty className="px-3 py-4 text-center text-ink-3 text-sm">
                  No {kind} of that name.
                </Command.Empty>
                {options.map((option) => (
                  <Command.Item
                    key={option.value}
                    value={option.value}
                    onSelect={() => go(option.href)}
                    className={commandClasses.item}
                  >
                    <span className="min-w-0 flex-1 truncate">{option.label}</span>
                    {option.about && <span className="shrink-0 text-ink-3 text-xs">{option.about}</span>}
                    {option.value === current && <Check aria-label="present" className="size-3.5 shrink-0" />}
                  </Command.Item>
                ))}
                {create && (
                  <Command.Item
                    value={`+ ${create.label}`}
                    onSelect={() => go(create.href)}
                    className={cn(commandClasses.item, 'text-accent')}
                  >
                    {create.label}
                  </Command.Item>
                )}
              </Command.List>
            </Command>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </span>
  )
}
