'use client'

import { RESOURCE_KEYS, type ResourceLimits, type Resources } from '@slipway/domain'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { limitTexts, parseLimit } from './usage.ts'

const FIELDS: Record<keyof Resources, { label: string; hint: string }> = {
  cpuMillis: { label: 'CPU (millicores)', hint: '1000 is one core.' },
  memoryMiB: { label: 'Memory (MiB)', hint: '1024 is one GiB.' },
  instances: { label: 'Instances', hint: 'Running copies, of all processes.' },
}

interface LimitsDialogProps {
  title: string
  about: string
  limits: ResourceLimits
  onClose: () => void
  onSave: (limits: ResourceLimits) => void
  pending: boolean
  error: unknown
}

/** Edits the three limits of a team or an environment. An empty field is no limit. */
export function LimitsDialog({ title, about, limits, onClose, onSave, pending, error }: LimitsDialogProps) {
  const [texts, setTexts] = useState(limitTexts(limits))
  const parsed = {
    cpuMillis: parseLimit(texts.cpuMillis),
    memoryMiB: parseLimit(texts.memoryMiB),
    instances: parseLimit(texts.instances),
  }
  const save = () => {
    const { cpuMillis, memoryMiB, instances } = parsed
    if (cpuMillis !== undefined && memoryMiB !== undefined && instances !== undefined)
      onSave({ cpuMillis, memoryMiB, instances })
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
          <Button variant="primary" pending={pending} onClick={save}>
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
            hint={FIELDS[key].hint}
            error={parsed[key] === undefined ? 'Enter a whole number, or nothing for no limit.' : undefined}
          >
            <Input
              inputMode="numeric"
              placeholder="no limit"
              value={texts[key]}
              onChange={(event) => setTexts((last) => ({ ...last, [key]: event.target.value }))}
            />
          </Field>
        ))}
        {/* A form without a button sends nothing on Return. */}
        <button type="submit" className="sr-only" tabIndex={-1}>
          Save
        </button>
        {error ? <ProblemNotice error={error} /> : null}
      </form>
    </Dialog>
  )
}
