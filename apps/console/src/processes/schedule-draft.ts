import { type ProcessView, type ScaleRule, scaleRuleSchema } from '@slipway/domain'

/** A rule as it is typed; `id` tells rows apart. */
export interface DraftRule extends ScaleRule {
  id: number
}

export type RuleErrors = Partial<Record<keyof ScaleRule, string>>

const hereTimeZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone

let lastId = 0
const withId = (rule: ScaleRule): DraftRule => ({ id: ++lastId, ...rule })

export const draftOf = (rules: readonly ScaleRule[]): DraftRule[] => rules.map(withId)

/** A rule to begin with, in the time zone of the last one. */
export function newRule(draft: readonly DraftRule[], { instances }: Pick<ProcessView, 'instances'>): DraftRule {
  return withId({ cron: '0 8 * * 1-5', timeZone: draft.at(-1)?.timeZone ?? hereTimeZone(), instances })
}

/** Up at eight, down at eight in the evening, on work days. */
export function workDays({ instances }: Pick<ProcessView, 'instances'>): DraftRule[] {
  const timeZone = hereTimeZone()
  const usual = Math.max(1, instances)
  return draftOf([
    { cron: '0 8 * * 1-5', timeZone, instances: usual + 1 },
    { cron: '0 20 * * 1-5', timeZone, instances: usual },
  ])
}

export const rulesOf = (draft: readonly DraftRule[]): ScaleRule[] => draft.map(({ id: _, ...rule }) => rule)

/** What is wrong with each field of a rule; nothing where all is well. */
export function errorsOf(rule: DraftRule, draft: readonly DraftRule[]): RuleErrors {
  const errors: RuleErrors = {}
  for (const { path, message } of scaleRuleSchema.safeParse(rule).error?.issues ?? []) {
    const field = path[0]
    if (field === 'cron' || field === 'timeZone' || field === 'instances') errors[field] ??= message
  }
  const first = draft.find(({ cron, timeZone }) => cron.trim() === rule.cron.trim() && timeZone === rule.timeZone)
  if (first !== undefined && first.id !== rule.id) errors.cron ??= 'Another rule has the same time.'
  return errors
}

/** The most instances that the schedule asks for. */
export const peakOf = (draft: readonly DraftRule[]): number => Math.max(0, ...draft.map(({ instances }) => instances))

export const isSameSchedule = (draft: readonly DraftRule[], rules: readonly ScaleRule[]): boolean =>
  JSON.stringify(rulesOf(draft)) ===
  JSON.stringify(rules.map(({ cron, timeZone, instances }) => ({ cron, timeZone, instances })))
