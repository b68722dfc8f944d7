import { z } from 'zod'
import { cronScheduleSchema, lastRun, nextRuns } from './cron.ts'
import { SCALE_BOUNDS } from './process.ts'

export const MAX_SCALE_RULES = 20

/** From its time on a process is to have this many instances, until another rule or a person says otherwise. */
export const scaleRuleSchema = cronScheduleSchema.extend({
  instances: z
    .number('Enter how many instances.')
    .int('Use a whole number.')
    .min(SCALE_BOUNDS.instances.min)
    .max(SCALE_BOUNDS.instances.max, `At most ${SCALE_BOUNDS.instances.max} instances.`),
})
export type ScaleRule = z.infer<typeof scaleRuleSchema>

/** A rule, and when it comes or came. */
export interface RuleAt {
  rule: ScaleRule
  atMs: number
}

/** The rule that came last; of two at the same moment the one that is listed later. Null: none came yet. */
export function ruleInForce(rules: readonly ScaleRule[], nowMs: number): RuleAt | null {
  let latest: RuleAt | null = null
  for (const rule of rules) {
    const atMs = lastRun(rule, nowMs)
    if (atMs !== null && atMs >= (latest?.atMs ?? 0)) latest = { rule, atMs }
  }
  return latest
}

/** The rule that comes next; of two at the same moment the one that is listed later. */
export function nextRule(rules: readonly ScaleRule[], nowMs: number): RuleAt | null {
  let next: RuleAt | null = null
  for (const rule of rules) {
    const [atMs] = nextRuns(rule, nowMs, 1)
    if (atMs !== undefined && atMs <= (next?.atMs ?? Number.POSITIVE_INFINITY)) next = { rule, atMs }
  }
  return next
}

const instancesWords = (count: number) => (count === 1 ? '1 instance' : `${count} instances`)

/** "Mon 30 Nov 08:00 (Europe/Berlin)" */
export function ruleTime({ rule: { timeZone }, atMs }: RuleAt): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone },
  }).formatToParts(atMs)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('hour')}:${part('minute')} (${timeZone})`
}

/** A process as its view shows it, as far as its count is concerned. */
interface Scaled {
  instances: number
  scaleRules: readonly ScaleRule[]
  scaleProblem: string | null
}

/** Who decides at the moment how many instances run, and what comes next, in one sentence. */
export function scalingSentence({ instances, scaleRules, scaleProblem }: Scaled, nowMs: number): string {
  if (scaleRules.length === 0) return `Scaled by hand: ${instancesWords(instances)} until somebody changes it.`
  const inForce = ruleInForce(scaleRules, nowMs)
  const next = nextRule(scaleRules, nowMs)
  const then = next === null ? '' : ` ${instancesWords(next.rule.instances)} from ${ruleTime(next)}.`
  if (inForce !== null && scaleProblem !== null) {
    return `The schedule wants ${instancesWords(inForce.rule.instances)} since ${ruleTime(inForce)} and cannot have them.${then}`
  }
  if (inForce?.rule.instances === instances) {
    return `Scaled by schedule: ${instancesWords(instances)} since ${ruleTime(inForce)}.${then}`
  }
  const takesOver = next === null ? '' : ` The schedule takes over with${then.replace(/\.$/, '')}.`
  return `Scaled by hand: ${instancesWords(instances)}.${takesOver}`
}
