'use client'

import type { ReactNode } from 'react'
import { useModifier } from '#lib/platform-keys.ts'
import { Dialog } from '#ui/dialog.tsx'
import { Kbd } from '#ui/kbd.tsx'
import { APP_KEYS, GLOBAL_KEYS } from './keys.ts'
import { useMayAnywhere } from './use-account.ts'

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4 py-1 text-sm">
      <dt className="text-ink-2">{label}</dt>
      <dd className="flex gap-1">{children}</dd>
    </div>
  )
}

/** All keys, on `?`. */
export function ShortcutHelp({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const mayCreate = useMayAnywhere('app.create')
  const modifier = useModifier()
  const keys = GLOBAL_KEYS.filter(({ key }) => key !== 'n' || mayCreate)
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts" size="lg">
      <div className="grid gap-x-10 gap-y-4 sm:grid-cols-2">
        <dl>
          <p className="mb-1 font-medium text-ink-3 text-xs">Everywhere</p>
          <Row label="Find a page or an action">
            <Kbd>{modifier.name}</Kbd>
            <Kbd>K</Kbd>
          </Row>
          {keys.map(({ key, label }) => (
            <Row key={key} label={label}>
              <Kbd>g</Kbd>
              <Kbd>{key}</Kbd>
            </Row>
          ))}
          <Row label="Fold the sidebar">
            <Kbd>[</Kbd>
          </Row>
          <Row label="This list">
            <Kbd>?</Kbd>
          </Row>
        </dl>
        <dl>
          <p className="mb-1 font-medium text-ink-3 text-xs">In the list of apps</p>
          <Row label="Filter">
            <Kbd>/</Kbd>
          </Row>
          <Row label="Next, previous app">
            <Kbd>j</Kbd>
            <Kbd>k</Kbd>
          </Row>
          <p className="mt-4 mb-1 font-medium text-ink-3 text-xs">In an app</p>
          {APP_KEYS.map(({ key, label }) => (
            <Row key={key} label={label}>
              <Kbd>g</Kbd>
              <Kbd>{key}</Kbd>
            </Row>
          ))}
          <Row label="Search in logs">
            <Kbd>/</Kbd>
          </Row>
        </dl>
      </div>
    </Dialog>
  )
}
