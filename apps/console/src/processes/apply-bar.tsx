'use client'

import type { Foreseen, ProcessView } from '@slipway/domain'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { Button } from '#ui/button.tsx'
import { describeChange, invalidValues, reservationChange, type ScaleDraft, surgeChange } from './scale-draft.ts'

interface ApplyBarProps {
  processes: readonly ProcessView[]
  draft: ScaleDraft
  /** What the pre-flight found. */
  found: Foreseen
  onApply: () => void
  onDiscard: () => void
}

/** In place of what would change, while something that was typed is out of range. */
function InvalidBar({ invalid, onDiscard }: { invalid: readonly string[]; onDiscard: () => void }) {
  return (
    <div className="sticky bottom-0 flex flex-wrap items-center gap-x-4 gap-y-2 border-t bg-accent-soft px-4 py-3">
      <div className="min-w-0 flex-1 basis-60 text-degraded text-sm" role="alert">
        {invalid.map((each) => (
          <p key={each}>{each}</p>
        ))}
      </div>
      <Button onClick={onDiscard}>Discard</Button>
      <Button variant="primary" disabled>
        Apply
      </Button>
    </div>
  )
}

/** What the edited scale would change, whether it fits, and the one button that does it. */
export function ApplyBar({ processes, draft, found, onApply, onDiscard }: ApplyBarProps) {
  const changed = processes.filter((process) => draft[process.name])
  if (changed.length === 0) return null
  const invalid = invalidValues(draft)
  if (invalid.length > 0) return <InvalidBar invalid={invalid} onDiscard={onDiscard} />
  const change = reservationChange(processes, draft)
  const surge = surgeChange(processes, draft)
  const counts = changed.map((process) => {
    const next = draft[process.name]
    return next && next.instances !== process.instances
      ? `${process.name} ${process.instances} → ${next.instances}`
      : `${process.name} resized`
  })
  return (
    <div className="sticky bottom-0 flex flex-col gap-2 border-t bg-accent-soft px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-60 text-sm" role="status">
          <p className="font-medium">{counts.join(', ')}</p>
          <p className="text-ink-2 text-xs">
            {describeChange(change) || 'Reserves the same'}
            {surge.instances > 0 && `; while it rolls, for a moment ${describeChange(surge)}`}
          </p>
        </div>
        <div className="flex gap-2">
          <Button onClick={onDiscard}>Discard</Button>
          <Button variant="primary" disabled={found.refusal !== null} onClick={onApply}>
            Apply
          </Button>
        </div>
      </div>
      <PreflightNotice found={found} />
    </div>
  )
}
