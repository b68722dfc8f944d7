'use client'

import type { AppRef, Foreseen } from '@slipway/domain'
import { useQueries } from '@tanstack/react-query'
import { Eye, EyeOff, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import type { StagedChange } from './config-draft.ts'

const SIGNS = {
  added: { sign: '+', className: 'text-healthy', word: 'add' },
  changed: { sign: '~', className: 'text-warning', word: 'change' },
  removed: { sign: '−', className: 'text-degraded', word: 'remove' },
} as const

interface StagedBarProps {
  appRef: AppRef
  changes: readonly StagedChange[]
  pending: boolean
  /** False while nothing was deployed: then the change waits for the first release. */
  makesRelease: boolean
  /** What the pre-flight of that release found. */
  found: Foreseen
  onApply: () => void
  onDiscard: () => void
  onUnstage: (key: string) => void
}

/** A value in clear, or that there is one. */
function Value({ text }: { text: string | undefined }) {
  if (text === undefined)
    return (
      <span role="img" aria-label="hidden value">
        ••••••
      </span>
    )
  return text || '(empty)'
}

/** The staged edits as a diff, and the one button that makes them a release. */
export function StagedBar(props: StagedBarProps) {
  const { appRef, changes, pending, makesRelease, found, onApply, onDiscard, onUnstage } = props
  const [shown, setShown] = useState(false)
  const mayReveal = useMay(appRef.team, 'config.reveal')
  const trpc = useTRPC()
  const replaced = changes.filter(({ change }) => change !== 'added').map(({ key }) => key)
  // Only on a click, and forgotten with the diff: values in clear are not kept.
  const old = useQueries({
    queries: replaced.map((key) =>
      trpc.config.reveal.queryOptions({ ...appRef, key }, { enabled: shown && mayReveal, gcTime: 0, staleTime: 0 }),
    ),
    combine: (answers) => new Map(replaced.map((key, index) => [key, answers[index]?.data?.value])),
  })
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
            <span className="min-w-0 truncate text-ink-2">
              {change !== 'added' && <Value text={shown ? old.get(key) : undefined} />}
              {change === 'changed' && (
                <>
                  <span aria-hidden> → </span>
                  <span className="sr-only"> becomes </span>
                </>
              )}
              {value !== null && <Value text={shown ? value : undefined} />}
            </span>
            <Button
              variant="ghost"
              size="iconSm"
              className="ml-auto size-5"
              aria-label={`Discard the change to ${key}`}
              onClick={() => onUnstage(key)}
            >
              <Undo2 aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      <PreflightNotice found={found} className="mt-2" />
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 basis-48 text-ink-2 text-xs">
          {makesRelease
            ? 'Creates one new release and rolls it out without downtime.'
            : 'Takes effect with the first release.'}
        </p>
        <Button
          variant="ghost"
          size="iconSm"
          aria-label={shown ? 'Hide the values' : 'Show the values'}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
        <Button onClick={onDiscard} disabled={pending}>
          Discard
        </Button>
        <Button variant="primary" pending={pending} disabled={found.refusal !== null} onClick={onApply}>
          Apply {changes.length} {changes.length === 1 ? 'change' : 'changes'}
        </Button>
      </div>
    </section>
  )
}
