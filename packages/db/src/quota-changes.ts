import {
  AppError,
  addResources,
  allocationShortages,
  describeTooLow,
  type ResourceLimits,
  type Resources,
  standingsOf,
  takenOf,
} from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { notify } from './notify.ts'
import { type LimitColumns, lockTeam, readTeamUsage, refuse } from './quota.ts'
import type { Transaction } from './transaction.ts'

function limitColumns(limits: ResourceLimits): LimitColumns {
  return { limitCpuMillis: limits.cpuMillis, limitMemoryMiB: limits.memoryMiB, limitInstances: limits.instances }
}

/** Limits below what is already held would keep pods that die from coming back, so they are refused. */
function checkNotBelow(limits: ResourceLimits, held: Resources, what: 'team' | 'environment'): void {
  const problem = describeTooLow(what, limits, held)
  if (problem !== null) throw new AppError('conflict', problem)
}

export interface QuotaChange {
  teamId: string
  team: string
  /** Null leaves the limits, and hands them back to the team's admins: operators only. */
  limits: ResourceLimits | null
  actor: Actor
  /** The actor is an operator: from now on only operators change it. */
  byOperator: boolean
}

const NOT_YOURS = 'An operator of this installation set this team’s quota. Ask one to change it.'

/** Sets a team's quota. Throws `conflict` below what is allotted or held, `forbidden` for what an operator set. */
export async function setTeamQuota(
  db: Database,
  input: QuotaChange,
  /** Runs in the same transaction, with the sentence for people. */
  also: (tx: Transaction, summary: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, input.teamId)
    const usage = await readTeamUsage(tx, input.teamId)
    const { environments } = usage
    if (usage.byOperator && !input.byOperator) throw new AppError('forbidden', NOT_YOURS)
    const limits = input.limits ?? usage.limits
    checkNotBelow(limits, takenOf(standingsOf(usage).team), 'team')
    const quotaByOperator = input.byOperator && input.limits !== null
    await tx.team.update({ where: { id: input.teamId }, data: { ...limitColumns(limits), quotaByOperator } })
    // The team's limit is also the ResourceQuota of every environment that has no allocation of its own.
    const ids = environments.map(({ environmentId }) => environmentId)
    await tx.environment.updateMany({ where: { id: { in: ids } }, data: { generation: { increment: 1 } } })
    for (const id of ids) await notify(tx, 'slipway_environment', id)
    const { teamId, team: subject, actor } = input
    const summary = input.limits
      ? `Set the quota of ${subject} to ${describeLimits(limits)}.`
      : `Let the admins of ${subject} set its quota.`
    await writeAudit(tx, { teamId, actor, action: 'quota.set', subject, summary })
    await also(tx, summary)
  })
}

/** "4000m CPU, no memory limit, 20 instances" */
function describeLimits(limits: ResourceLimits): string {
  const cpu = limits.cpuMillis === null ? 'no CPU limit' : `${limits.cpuMillis}m CPU`
  const memory = limits.memoryMiB === null ? 'no memory limit' : `${limits.memoryMiB} MiB memory`
  const instances = limits.instances === null ? 'no instance limit' : `${limits.instances} instances`
  return `${cpu}, ${memory}, ${instances}`
}

export interface Allocation {
  teamId: string
  environmentId: string
  /** Path of slugs, for people. */
  subject: string
  limits: ResourceLimits
  actor: Actor
}

/** Allots part of the team's quota to an environment. Throws `quota_exceeded` above what the team has, `conflict` below what the apps hold. */
export async function allocate(
  db: Database,
  { teamId, environmentId, subject, limits, actor }: Allocation,
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    const team = await readTeamUsage(tx, teamId)
    const own = team.environments.find((each) => each.environmentId === environmentId)
    if (!own) throw new AppError('not_found', 'The environment is being deleted.')
    checkNotBelow(limits, addResources(own.reserved, own.surge), 'environment')
    refuse(allocationShortages(team, own, limits), `An allocation for ${subject}`, {
      ...own,
      byOperator: team.byOperator,
      rolls: false,
    })
    await tx.environment.update({
      where: { id: environmentId },
      data: { ...limitColumns(limits), generation: { increment: 1 } },
    })
    await writeAudit(tx, {
      teamId,
      actor,
      action: 'quota.allocate',
      subject,
      summary: `Allocated ${describeLimits(limits)} to ${subject}.`,
    })
    await notify(tx, 'slipway_environment', environmentId)
  })
}
