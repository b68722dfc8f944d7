'use client'

import { nextRule, ruleTime, SCALE_BOUNDS } from '@slipway/domain'
import { Trash2 } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { NumberInput } from '#ui/number-input.tsx'
import type { DraftRule, RuleErrors } from './schedule-draft.ts'

interface ScheduleRuleProps {
  rule: DraftRule
  /** Counted from one, for labels. */
  position: number
  errors: RuleErrors
  nowMs: number
  /** Id of the list of time zones. */
  zones: string
  disabled: boolean
  onChange: (rule: DraftRule) => void
  onRemove: () => void
}

/** One rule of a schedule: when, where the clock stands, and how many instances from then on. */
export function ScheduleRule({
  rule,
  position,
  errors,
  nowMs,
  zones,
  disabled,
  onChange,
  onRemove,
}: ScheduleRuleProps) {
  const isTime = errors.cron === undefined && errors.timeZone === undefined
  const next = isTime ? nextRule([rule], nowMs) : null
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b py-3 first:pt-0 last:border-b-0">
      <Field
        label="Cron expression"
        className="flex-1 basis-40"
        error={errors.cron}
        hint={next === null ? undefined : `Next: ${ruleTime(next)}`}
      >
        <Input
          mono
          autoComplete="off"
          maxLength={200}
          value={rule.cron}
          disabled={disabled}
          onChange={(event) => onChange({ ...rule, cron: event.target.value })}
        />
      </Field>
      <Field label="Time zone" className="flex-1 basis-40" error={errors.timeZone}>
        <Input
          list={zones}
          autoComplete="off"
          maxLength={64}
          value={rule.timeZone}
          disabled={disabled}
          onChange={(event) => onChange({ ...rule, timeZone: event.target.value.trim() })}
        />
      </Field>
      <div className="flex items-end gap-2">
        <div className="flex flex-col gap-1.5">
          <span aria-hidden className="font-medium text-sm">
            Instances
          </span>
          <NumberInput
            label={`Instances of rule ${position}`}
            {...SCALE_BOUNDS.instances}
            value={rule.instances}
            disabled={disabled}
            onChange={(instances) => onChange({ ...rule, instances })}
          />
        </div>
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Remove rule ${position}`}
          disabled={disabled}
          onClick={onRemove}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
    </li>
  )
}
