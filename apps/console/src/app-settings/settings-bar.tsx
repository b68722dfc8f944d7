'use client'

import { Button } from '#ui/button.tsx'
import type { SettingChange } from './build-draft.ts'

interface SettingsBarProps {
  changes: readonly SettingChange[]
  /** True while something is wrong: it stands at its field. */
  blocked: boolean
  pending: boolean
  onSave: () => void
  onDiscard: () => void
}

/** The staged edits, old → new, and the one button that saves them. */
export function SettingsBar({ changes, blocked, pending, onSave, onDiscard }: SettingsBarProps) {
  if (changes.length === 0) return null
  return (
    <section aria-label="Unsaved changes" className="sticky bottom-0 border-t bg-accent-soft px-4 py-3">
      <ul className="max-h-40 overflow-y-auto text-xs leading-6">
        {changes.map(({ key, label, from, to }) => (
          <li key={key} className="min-w-0 break-words">
            <span className="font-medium">{label}:</span> <span className="text-ink-2">{from}</span>
            <span aria-hidden> → </span>
            <span className="sr-only"> becomes </span>
            {to}
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 basis-full text-ink-2 sm:basis-48 text-xs">
          {blocked ? 'Correct what is marked above, then save.' : 'The next deploy uses them. Nothing restarts.'}
        </p>
        <Button onClick={onDiscard} disabled={pending}>
          Discard
        </Button>
        <Button variant="primary" pending={pending} disabled={blocked} onClick={onSave}>
          Save {changes.length} {changes.length === 1 ? 'change' : 'changes'}
        </Button>
      </div>
    </section>
  )
}
