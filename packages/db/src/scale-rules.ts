import {
  AppError,
  isReplicated,
  neededForScale,
  type ProcessDefinition,
  type RuleAt,
  ruleInForce,
  ruleTime,
  type ScaleRule,
  scaleOf,
} from '@slipway/domain'
import { scaleLocked } from './apps.ts'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { type LockedApp, withLockedApp } from './locked-app.ts'
import { notify } from './notify.ts'
import { readProcesses, readScaleRules, scalesOf } from './processes.ts'
import { admit } from './quota.ts'
import type { Transaction } from './transaction.ts'

/** Who the audit log names for what a schedule did. */
const SCHEDULE: Actor = { name: 'schedule', email: 'schedule' }

interface Place {
  appId: string
  process: string
}

/** A process with a schedule, and when its count was last decided. */
export interface ScheduledProcess extends Place {
  rules: ScaleRule[]
  scaledAt: Date | null
  problem: string | null
}

/** Processes of the app's current release that have a schedule. */
export async function readScheduled(db: Database, appId: string): Promise<ScheduledProcess[]> {
  const app = await db.client.app.findUnique({
    where: { id: appId, deletedAt: null },
    select: { currentRelease: { select: { processes: true } }, processes: true },
  })
  const running = new Set(readProcesses(app?.currentRelease?.processes ?? []).map(({ name }) => name))
  return (app?.processes ?? []).flatMap(({ name, scaleRules, scaledAt, scaleProblem }) => {
    const rules = readScaleRules(scaleRules)
    if (rules.length === 0 || !running.has(name)) return []
    return [{ appId, process: name, rules, scaledAt, problem: scaleProblem }]
  })
}

const words = ({ cron, timeZone, instances }: ScaleRule) => `${instances} at “${cron}” (${timeZone})`

export interface NewScaleRules extends Place {
  rules: readonly ScaleRule[]
  actor: Actor
  now: Date
}

/**
 * Replaces a process's schedule. The rule in force is followed at once, and no rule decides anew before it comes again. Throws `not_found` for
 * unknown processes, `conflict` for kinds without a count, `quota_exceeded` where the highest count does not fit now.
 */
export function setScaleRules(db: Database, { appId, process, rules, actor, now }: NewScaleRules): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    const { kind } = replicated(app, process)
    const before = scaleOf(scalesOf(app.row.processes), process)
    const peak = Math.max(before.instances, ...rules.map(({ instances }) => instances))
    const { teamId, subject } = app
    await admit(tx, {
      ...{ teamId, environmentId: app.row.environmentId, appId, rolls: false },
      needed: neededForScale(kind, before, { ...before, instances: peak }),
      change: `Scheduling up to ${peak} instances of ${process}`,
    })
    // Without a rule the count is a person's: nothing of an older schedule is made up for when one is added again.
    const scaledAt = rules.length === 0 ? now : null
    const data = { scaleRules: [...rules], scaledAt, scaleProblem: null }
    await tx.appProcess.update({ where: { appId_name: { appId, name: process } }, data })
    const summary =
      rules.length === 0
        ? `Removed the schedule of ${process}.`
        : `Scheduled ${process}: ${rules.map(words).join('; ')}.`
    await writeAudit(tx, { teamId, actor, action: 'scaling.setRules', subject, summary })
    await notifyBoth(tx, appId)
  })
}

async function notifyBoth(tx: Transaction, appId: string): Promise<void> {
  await notify(tx, 'slipway_app', appId)
  await notify(tx, 'slipway_scaling', appId)
}

/** The process, whose count means something. */
function replicated({ row, subject }: LockedApp, name: string): ProcessDefinition {
  if (!row.currentRelease) throw new AppError('conflict', `Nothing is deployed to ${subject} yet. Deploy first.`)
  const all = readProcesses(row.currentRelease.processes)
  const found = all.find((each) => each.name === name)
  if (found === undefined) {
    const names = all.map((each) => each.name).join(', ')
    throw new AppError('not_found', `${subject} has no process ${name}. It has: ${names}.`)
  }
  if (isReplicated(found)) return found
  throw new AppError('conflict', `${name} is a ${found.kind} process: it has no count that could follow a schedule.`)
}

/**
 * Gives a process the count of the rule in force, unless its count was decided since that rule came. Throws `quota_exceeded`,
 * `not_found` where the app or the process went.
 */
export function applyScaleRule(db: Database, { appId, process }: Place, now: Date): Promise<void> {
  return withLockedApp(db, appId, async (tx, app) => {
    const key = { appId_name: { appId, name: process } }
    const row = await tx.appProcess.findUniqueOrThrow({ where: key })
    const due = dueRule({ rules: readScaleRules(row.scaleRules), scaledAt: row.scaledAt }, now)
    if (due === null) return
    const { cron, timeZone, instances } = due.rule
    const change = { appId, processes: [{ name: process, instances }], actor: SCHEDULE, now }
    await scaleLocked(tx, app, change, `Scaled by schedule (${cron}, ${timeZone})`)
    await tx.appProcess.update({ where: key, data: { scaledAt: now, scaleProblem: null } })
    if (row.scaleProblem !== null) await notify(tx, 'slipway_app', appId)
  })
}

/** The rule that is to be followed now; null where none came since the count was decided. */
export function dueRule({ rules, scaledAt }: Pick<ScheduledProcess, 'rules' | 'scaledAt'>, now: Date): RuleAt | null {
  const inForce = ruleInForce(rules, now.getTime())
  if (inForce === null || (scaledAt !== null && inForce.atMs <= scaledAt.getTime())) return null
  return inForce
}

/** Takes note of why the rule in force is not followed, once. */
export function noteScaleProblem(db: Database, { appId, process }: Place, due: RuleAt, problem: string): Promise<void> {
  return withLockedApp(db, appId, async (tx, { teamId, subject }) => {
    const { count } = await tx.appProcess.updateMany({
      where: { appId, name: process, OR: [{ scaleProblem: null }, { scaleProblem: { not: problem } }] },
      data: { scaleProblem: problem },
    })
    if (count === 0) return
    const summary = `The schedule could not scale ${process} to ${due.rule.instances} since ${ruleTime(due)}. ${problem}`
    await writeAudit(tx, { teamId, actor: SCHEDULE, action: 'scaling.refused', subject, summary })
    await notify(tx, 'slipway_app', appId)
  })
}
