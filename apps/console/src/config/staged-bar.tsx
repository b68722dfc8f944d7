'use client'

import { Eye, EyeOff, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import type { StagedChange } from './config-draft.ts'

const SIGNS = {
  added: { sign: '+', className: 'text-healthy', word: 'add' },
  changed: { sign: '~', className: 'text-warning', word: 'change' },
  removed: { sign: '−', className: 'text-degraded', word: 'remove' },
} as const

interface StagedBarProps {
  changes: readonly StagedChange[]
  pending: boolean
  /** False while nothing was deployed: then the change waits for the first release. */
  makesRelease: boolean
  onApply: () => void
  onDiscard: () => void
  onUnstage: (key: string) => void
}

/** The staged edits as a diff, and the one button that makes them a release. */
export function StagedBar({ changes, pending, makesRelease, onApply, onDiscard, onUnstage }: StagedBarProps) {
  const [shown, setShown] = useState(false)
  if (changes.length === 0) return null
  return (
    <section aria-label="Staged changes" className="sticky bottom-0 border-t bg-accent-soft px-4 py-3">
      <ul className="max-h-48 overflow-y-auto font-mono text-xs leading-6">
        {changes.map(({ key, change, value }) => (
          <li key={key} className="flex min-w-0 items-baseline gap-2">
            <span className={SIGNS[change].className}>
              <span aria-hidden>{SIGNS[change].sign}</span>
              <span className="sr-only">{SIGNS[change].word}</span>
            </span>
            <span className="shrink-0 break-all">{key}</span>
            {value !== null && (
              <span className="min-w-0 truncate text-ink-2">
                {shown ? value || '(empty)' : '•'.repeat(Math.min(12, Math.max(1, value.length)))}
              </span>
            )}
            <Button
              variant="ghost"
              size="iconSm"
              className="ml-auto size-5"
              aria-label={`Take back ${key}`}
              onClick={() => onUnstage(key)}
            >
              <Undo2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 basis-48 text-ink-2 text-xs">
          {makesRelease
            ? 'Makes one new release and rolls it out without downtime.'
            : 'Takes effect with the first release.'}
        </p>
        <Button
          variant="ghost"
          size="iconSm"
          aria-label={shown ? 'Hide the new values' : 'Show the new values'}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
        <Button onClick={onDiscard} disabled={pending}>
          Discard
        </Button>
        <Button variant="primary" pending={pending} onClick={onApply}>
          Apply {changes.length} {changes.length === 1 ? 'change' : 'changes'}
        </Button>
      </div>
    </section>
  )
}
