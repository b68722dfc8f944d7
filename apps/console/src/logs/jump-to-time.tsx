'use client'

import { Clock } from 'lucide-react'
import { type FormEvent, useId, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Input } from '#ui/input.tsx'
import { Popover } from '#ui/popover.tsx'
import { fromLocalInput, toLocalInput } from './log-time.ts'

const AGO = [
  { label: '5 min ago', ms: 5 * 60_000 },
  { label: '1 h ago', ms: 3_600_000 },
  { label: '24 h ago', ms: 86_400_000 },
]

/** Opens the log at a moment: one of a few, or any. */
export function JumpToTime({ since, onJump }: { since: string | null; onJump: (at: string) => void }) {
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState('')
  const id = useId()
  const jump = (moment: string) => {
    setOpen(false)
    onJump(moment)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const moment = fromLocalInput(at)
    if (moment) jump(moment)
  }
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        if (next) setAt(toLocalInput(since ? Date.parse(since) : Date.now()))
        setOpen(next)
      }}
      label="Jump to a time"
      trigger={
        <Button
          size="icon"
          variant="ghost"
          aria-label="Jump to a time"
          className={cn('max-sm:w-auto', since && 'bg-active text-ink')}
        >
          <Clock aria-hidden />
          <span className="sm:hidden">Jump to a time</span>
        </Button>
      }
    >
      <form onSubmit={submit} className="flex flex-col gap-2">
        <label htmlFor={id} className="text-ink-2 text-xs">
          Show the log from
        </label>
        <Input
          id={id}
          type="datetime-local"
          step={1}
          required
          max={toLocalInput(Date.now() + 60_000)}
          value={at}
          onChange={(event) => setAt(event.target.value)}
        />
        <div className="flex gap-1">
          {AGO.map(({ label, ms }) => (
            <Button key={label} size="sm" onClick={() => jump(new Date(Date.now() - ms).toISOString())}>
              {label}
            </Button>
          ))}
        </div>
        <Button type="submit" size="sm" variant="primary">
          Jump
        </Button>
      </form>
    </Popover>
  )
}
