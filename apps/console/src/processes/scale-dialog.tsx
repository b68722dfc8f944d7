'use client'

import { type AppView, describeSize, type ProcessView, planScale, readyWords, SCALE_BOUNDS } from '@slipway/domain'
import { type FormEvent, useState } from 'react'
import { toast } from 'sonner'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useForeseen } from '#quota/use-quota.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { NumberInput } from '#ui/number-input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { edit, invalidValues, type ScaleValues, scaleValues } from './scale-draft.ts'
import { SizeSelect } from './size-select.tsx'
import { useScale } from './use-scale.ts'

interface ScaleDialogProps {
  app: AppView
  process: ProcessView
  onClose: () => void
}

/** "scaled to 3", or "resized to small". */
function words(process: ProcessView, values: ScaleValues): string {
  return values.instances === process.instances ? `resized to ${describeSize(values)}` : `scaled to ${values.instances}`
}

/** How many instances of one process run, and how large. */
export function ScaleDialog({ app, process, onClose }: ScaleDialogProps) {
  const [values, setValues] = useState(() => scaleValues(process))
  const { instances } = values
  const draft = edit({}, process, values)
  const invalid = invalidValues(draft)
  const edited = Object.keys(draft).length > 0
  const found = useForeseen(app.ref, edited && invalid.length === 0 ? planScale(app, draft) : null)
  const scale = useScale(app.ref, draft, () => {
    toast.success(`${process.name} is being ${words(process, values)}.`)
    onClose()
  })
  const ready = edited && invalid.length === 0 && found.refusal === null && !scale.isPending
  const apply = () => scale.mutate({ ...app.ref, processes: [{ name: process.name, ...values }] })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) apply()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Scale ${process.name}`}
      about={`${readyWords(process)}. A new count takes effect at once; a new size replaces the instances one by one. Neither is a release.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!ready} pending={scale.isPending} onClick={apply}>
            {edited && invalid.length === 0 && instances !== process.instances ? `Scale to ${instances}` : 'Scale'}
          </Button>
        </>
      }
    >
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <span className="flex items-center justify-between gap-4 text-sm">
          <span aria-hidden>Instances</span>
          <NumberInput
            label={`Instances of ${process.name}`}
            {...SCALE_BOUNDS.instances}
            autoFocus
            value={instances}
            edited={instances !== process.instances}
            disabled={scale.isPending}
            onChange={(next) => setValues((last) => ({ ...last, instances: next }))}
          />
        </span>
        <span className="flex items-center justify-between gap-4 text-sm">
          <span aria-hidden>Size</span>
          <span className="w-32">
            <SizeSelect
              label={`Size of ${process.name}`}
              value={values}
              disabled={scale.isPending}
              onChange={(size) => setValues((last) => ({ ...last, ...size }))}
            />
          </span>
        </span>
        {invalid.map((each) => (
          <p key={each} role="alert" className="text-degraded text-xs">
            {each}
          </p>
        ))}
        <PreflightNotice found={found} />
        {scale.error && <ProblemNotice error={scale.error} />}
      </form>
    </Dialog>
  )
}
