'use client'

import { type AppView, isReplicated, type ProcessView, scalingSentence } from '@slipway/domain'
import { CalendarClock } from 'lucide-react'
import { useState } from 'react'
import { useNow } from '#lib/use-now.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'

const TICK_MS = 10_000

/** Who decides over the count of a process and what comes next, with the way to its schedule. */
export function ScalingLine({ app, process }: { app: AppView; process: ProcessView }) {
  const nowMs = useNow(TICK_MS)
  const mayScale = useMay(app.ref.team, 'app.scale')
  const [open, setOpen] = useState(false)
  if (!isReplicated(process)) return null
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1">
      <p className="min-w-0 text-ink-2 text-xs" suppressHydrationWarning>
        {scalingSentence(process, nowMs)}
      </p>
      {mayScale && (
        <Button
          size="sm"
          variant="ghost"
          className="-ml-2.5"
          aria-label={`Schedule of ${process.name}`}
          onClick={() => setOpen(true)}
        >
          <CalendarClock aria-hidden />
          Schedule
        </Button>
      )}
      {process.scaleProblem !== null && (
        <p role="status" className="basis-full text-warning text-xs">
          {process.scaleProblem}
        </p>
      )}
      {open && <ScheduleDialog app={app} process={process} onClose={() => setOpen(false)} />}
    </div>
  )
}
