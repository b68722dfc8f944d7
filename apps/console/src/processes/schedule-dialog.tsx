'use client'

import {
  type AppView,
  MAX_SCALE_RULES,
  type ProcessView,
  planScale,
  ruleInForce,
  type ScaleRule,
  scalingSentence,
} from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useId, useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { cliLine } from '#lib/cli.ts'
import { useNow } from '#lib/use-now.ts'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useForeseen } from '#quota/use-quota.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { scaleValues } from './scale-draft.ts'
import {
  type DraftRule,
  draftOf,
  errorsOf,
  isSameSchedule,
  newRule,
  peakOf,
  type RuleErrors,
  rulesOf,
  workDays,
} from './schedule-draft.ts'
import { ScheduleRule } from './schedule-rule.tsx'

const TICK_MS = 30_000
const ABOUT =
  'A rule sets the count at its time. What you scale by hand stays until the next rule. Saving follows the rule in force at once.'

interface ScheduleDialogProps {
  app: AppView
  process: ProcessView
  onClose: () => void
}

function useSetRules({ app, process, onClose }: ScheduleDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return useMutation(
    trpc.scaling.setRules.mutationOptions({
      onSuccess(changed, { rules }) {
        queryClient.setQueryData(trpc.app.get.queryKey(app.ref), changed)
        toast.success(
          rules.length === 0 ? `${process.name} has no schedule any more.` : `${process.name} follows its schedule.`,
        )
        onClose()
      },
    }),
  )
}

function NoRules({ onWorkDays }: { onWorkDays: () => void }) {
  return (
    <div className="flex flex-col items-start gap-2 text-ink-2 text-sm">
      <p>No rules: the count stays what people set it to. A schedule scales up for the peak and down for the trough.</p>
      <Button size="sm" onClick={onWorkDays}>
        More on work days, 8:00 to 20:00
      </Button>
    </div>
  )
}

const commandOf = ({ ref }: AppView, { name }: ProcessView, { cron, timeZone, instances }: ScaleRule) =>
  cliLine(ref, 'schedules', 'add', `${name}=${instances}`, '--at', cron, '--time-zone', timeZone)

/** What the rules come to once they are saved. */
function Outcome({ process, rules, nowMs }: { process: ProcessView; rules: ScaleRule[]; nowMs: number }) {
  const instances = ruleInForce(rules, nowMs)?.rule.instances ?? process.instances
  return (
    <p role="status" className="text-ink-2 text-sm">
      {scalingSentence({ instances, scaleRules: rules, scaleProblem: null }, nowMs)}
    </p>
  )
}

interface RulesProps {
  process: ProcessView
  draft: readonly DraftRule[]
  errors: readonly RuleErrors[]
  nowMs: number
  disabled: boolean
  onChange: (draft: DraftRule[]) => void
}

/** The rules as they are typed, with ways to add one. */
function Rules({ process, draft, errors, nowMs, disabled, onChange }: RulesProps) {
  const zones = useId()
  return (
    <>
      {draft.length === 0 && <NoRules onWorkDays={() => onChange(workDays(process))} />}
      <ul>
        {draft.map((rule, index) => (
          <ScheduleRule
            key={rule.id}
            rule={rule}
            position={index + 1}
            errors={errors[index] ?? {}}
            nowMs={nowMs}
            zones={zones}
            disabled={disabled}
            onChange={(next) => onChange(draft.map((each) => (each.id === next.id ? next : each)))}
            onRemove={() => onChange(draft.filter(({ id }) => id !== rule.id))}
          />
        ))}
      </ul>
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Button
        size="sm"
        className="self-start"
        disabled={draft.length >= MAX_SCALE_RULES || disabled}
        onClick={() => onChange([...draft, newRule(draft, process)])}
      >
        <Plus aria-hidden />
        Add a rule
      </Button>
    </>
  )
}

/** The schedule of a process: rules that set its count, and what they come to. */
export function ScheduleDialog(props: ScheduleDialogProps) {
  const { app, process, onClose } = props
  const nowMs = useNow(TICK_MS)
  const [draft, setDraft] = useState(() => draftOf(process.scaleRules))
  const save = useSetRules(props)
  const errors = draft.map((rule) => errorsOf(rule, draft))
  const valid = errors.every((each) => Object.keys(each).length === 0)
  const peak = { ...scaleValues(process), instances: Math.max(process.instances, valid ? peakOf(draft) : 0) }
  const found = useForeseen(app.ref, valid ? planScale(app, { [process.name]: peak }) : null)
  const ready = valid && found.refusal === null && !isSameSchedule(draft, process.scaleRules)
  const rules = rulesOf(draft)
  const apply = () => save.mutate({ ...app.ref, process: process.name, rules })
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={onClose}
      title={`Schedule of ${process.name}`}
      about={ABOUT}
      footer={
        <>
          <div className="mr-auto">
            <CopyAs lines={[cliLine(app.ref, 'schedules'), ...rules.map((rule) => commandOf(app, process, rule))]} />
          </div>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!ready} pending={save.isPending} onClick={apply}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Rules {...{ process, draft, errors, nowMs }} disabled={save.isPending} onChange={setDraft} />
        {valid && draft.length > 0 && <Outcome process={process} rules={rules} nowMs={nowMs} />}
        <PreflightNotice found={found} />
        {save.error && <ProblemNotice error={save.error} />}
      </div>
    </Dialog>
  )
}
