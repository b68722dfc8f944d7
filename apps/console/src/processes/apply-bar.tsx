'use client'

import type { ProcessView, ResourceLimits } from '@slipway/domain'
import { Button } from '#ui/button.tsx'
import { describeChange, foreseenShortages, reservationChange, type ScaleDraft, surgeChange } from './scale-draft.ts'

interface ApplyBarProps {
  processes: readonly ProcessView[]
  draft: ScaleDraft
  /** What the environment has left; null while that is not known. */
  left: ResourceLimits | null
  onApply: () => void
  onDiscard: () => void
}

/** What the edited scale would change, whether it fits, and the one button that does it. */
export function ApplyBar({ processes, draft, left, onApply, onDiscard }: ApplyBarProps) {
  const changed = processes.filter((process) => draft[process.name])
  if (changed.length === 0) return null
  const change = reservationChange(processes, draft)
  const surge = surgeChange(processes, draft)
  const shortages = left ? foreseenShortages(change, left) : []
  const counts = changed.map((process) => {
    const next = draft[process.name]
    return next && next.instances !== process.instances
      ? `${process.name} ${process.instances} → ${next.instances}`
      : `${process.name} resized`
  })
  return (
    <div className="sticky bottom-0 flex flex-wrap items-center gap-x-4 gap-y-2 border-t bg-accent-soft px-4 py-3">
      <div className="min-w-0 flex-1 basis-60 text-sm" role="status">
        <p className="font-medium">{counts.join(', ')}</p>
        <p className="text-ink-2 text-xs">
          {describeChange(change) || 'Reserves the same'}
          {surge.instances > 0 && `; while it rolls, for a moment ${describeChange(surge)}`}
        </p>
        {shortages.length > 0 && (
          <p className="text-warning text-xs">It will not fit this environment: {shortages.join('; ')}.</p>
        )}
      </div>
      <div className="flex gap-2">
        <Button onClick={onDiscard}>Discard</Button>
        <Button variant="primary" onClick={onApply}>
          Apply
        </Button>
      </div>
    </div>
  )
}
