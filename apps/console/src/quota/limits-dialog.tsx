'use client'

import { type CapacityView, RESOURCE_KEYS, type ResourceLimits, type Resources } from '@slipway/domain'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { limitTexts, parseLimit, shortAmount } from './usage.ts'

const FIELDS: Record<keyof Resources, { label: string; hint: string }> = {
  cpuMillis: { label: 'CPU (millicores)', hint: '1000 is one core.' },
  memoryMiB: { label: 'Memory (MiB)', hint: '1024 is one GiB.' },
  instances: { label: 'Instances', hint: 'Running copies, of all processes.' },
}

interface LimitsDialogProps {
  title: string
  about: string
  limits: ResourceLimits
  capacity: CapacityView | null
  /** Why these limits would be refused; null when they would not. */
  problemOf: (limits: ResourceLimits) => string | null
  onClose: () => void
  onSave: (limits: ResourceLimits) => void
  pending: boolean
  error: unknown
}

const hintOf = (key: keyof Resources, capacity: CapacityView | null) =>
  capacity ? `${FIELDS[key].hint} The cluster holds ${shortAmount(key, capacity.allocatable[key])}.` : FIELDS[key].hint

/** Edits the three limits of a team or an environment. An empty field sets none. */
export function LimitsDialog(props: LimitsDialogProps) {
  const { title, about, limits, capacity, problemOf, onClose, onSave, pending, error } = props
  const [texts, setTexts] = useState(limitTexts(limits))
  const parsed = {
    cpuMillis: parseLimit(texts.cpuMillis),
    memoryMiB: parseLimit(texts.memoryMiB),
    instances: parseLimit(texts.instances),
  }
  const { cpuMillis, memoryMiB, instances } = parsed
  const wanted =
    cpuMillis !== undefined && memoryMiB !== undefined && instances !== undefined
      ? { cpuMillis, memoryMiB, instances }
      : null
  const problem = wanted && problemOf(wanted)
  const ready = wanted !== null && problem === null
  const save = () => {
    if (ready) onSave(wanted)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      about={about}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" pending={pending} disabled={!ready} onClick={save}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        {RESOURCE_KEYS.map((key) => (
          <Field
            key={key}
            label={FIELDS[key].label}
            hint={hintOf(key, capacity)}
            error={parsed[key] === undefined ? 'Enter a whole number, or leave it empty.' : undefined}
          >
            <Input
              inputMode="numeric"
              placeholder="not set"
              value={texts[key]}
              onChange={(event) => setTexts((last) => ({ ...last, [key]: event.target.value }))}
            />
          </Field>
        ))}
        {/* A form without a button sends nothing on Return. */}
        <button type="submit" className="sr-only" tabIndex={-1} aria-hidden>
          Save
        </button>
        {problem && (
          <Notice live tone="warning" title="It does not fit">
            {problem}
          </Notice>
        )}
        {error && !problem ? <ProblemNotice error={error} /> : null}
      </form>
    </Dialog>
  )
}
