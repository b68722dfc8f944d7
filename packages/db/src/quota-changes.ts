import { AppError, addResources, NO_RESOURCES, type ResourceLimits, type Resources, shortagesOf } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { notify } from './notify.ts'
import { committedOf, type LimitColumns, lockTeam, readTeamUsage, refuse } from './quota.ts'

function limitColumns(limits: ResourceLimits): LimitColumns {
  return { limitCpuMillis: limits.cpuMillis, limitMemoryMiB: limits.memoryMiB, limitInstances: limits.instances }
}

/** Limits below what is already held would keep pods that die from coming back, so they are refused. */
function checkNotBelow(limits: ResourceLimits, held: Resources, what: string): void {
  const tooLow = shortagesOf(held, NO_RESOURCES, limits)
  if (tooLow.length === 0) return
  const numbers = tooLow.map((each) => `${each.resource} ${each.needed}, limit ${each.limit}`).join('; ')
  throw new AppError(
    'conflict',
    `${what} already holds more than this: ${numbers}. Lower that first, or choose a higher limit.`,
  )
}

/** Sets a team's quota. Throws `conflict` below what is allotted or held. */
export async function setTeamQuota(
  db: Database,
  input: { teamId: string; team: string; limits: ResourceLimits; actor: Actor },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, input.teamId)
    const { environments } = await readTeamUsage(tx, input.teamId)
    checkNotBelow(input.limits, committedOf(environments), 'The team')
    await tx.team.update({ where: { id: input.teamId }, data: limitColumns(input.limits) })
    // The team's limit is also the ResourceQuota of every environment that has no allocation of its own.
    const ids = environments.map(({ environmentId }) => environmentId)
    await tx.environment.updateMany({ where: { id: { in: ids } }, data: { generation: { increment: 1 } } })
    for (const id of ids) await notify(tx, 'slipway_environment', id)
    await writeAudit(tx, {
      teamId: input.teamId,
      actor: input.actor,
      action: 'quota.set',
      subject: input.team,
      summary: `Set the quota of ${input.team} to ${describeLimits(input.limits)}.`,
    })
  })
}

/** "4000m CPU, no memory limit, 20 instances" */
function describeLimits(limits: ResourceLimits): string {
  const cpu = limits.cpuMillis === null ? 'no CPU limit' : `${limits.cpuMillis}m CPU`
  const memory = limits.memoryMiB === null ? 'no memory limit' : `${limits.memoryMiB} MiB memory`
  const instances = limits.instances === null ? 'no limit of instances' : `${limits.instances} instances`
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
    checkNotBelow(limits, addResources(own.reserved, own.rolling), 'The environment')
    const others = committedOf(team.environments.filter((each) => each !== own))
    const wanted = committedOf([{ ...own, limits }])
    refuse(shortagesOf(wanted, others, team.limits), `An allocation for ${subject}`, "the team's quota.", 'team')
    await tx.environment.update({
      where: { id: environmentId },
      data: { ...limitColumns(limits), generation: { increment: 1 } },
    })
    await writeAudit(tx, {
      teamId,
      actor,
      action: 'quota.allocate',
      subject,
      summary: `Allotted ${describeLimits(limits)} to ${subject}.`,
    })
    await notify(tx, 'slipway_environment', environmentId)
  })
}
