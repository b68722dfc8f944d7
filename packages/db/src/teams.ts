import { AppError, mayAssignRole, type Role } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { orConflict } from './errors.ts'
import type { Prisma, Team } from './generated/client.ts'
import { notify } from './notify.ts'
import { readInstallationSettings } from './operators.ts'
import { lockTeam } from './quota.ts'
import type { Transaction } from './transaction.ts'

/** Teams that one account can be in as the one who made them; keeps a script from filling the installation. */
const MAX_TEAMS = 50
export const MAX_MEMBERS = 500

/** Makes a team, owned by who makes it. Throws `conflict` when the name is taken, `forbidden` where only operators may. */
export function createTeam(
  db: Database,
  input: { slug: string; name: string; userId: string; operator: boolean; actor: Actor },
): Promise<Team> {
  return db.transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM users WHERE id = ${input.userId}::uuid FOR UPDATE`
    const { teamCreation } = await readInstallationSettings({ client: tx })
    if (teamCreation === 'operators' && !input.operator) {
      throw new AppError('forbidden', 'Only operators of this installation can create teams. Ask one of them.')
    }
    if ((await tx.membership.count({ where: { userId: input.userId, role: 'owner' } })) >= MAX_TEAMS) {
      throw new AppError('conflict', `An account can own ${MAX_TEAMS} teams.`)
    }
    const team = await orConflict(`The name ${input.slug} is taken. Choose another.`, () =>
      tx.team.create({
        data: {
          slug: input.slug,
          name: input.name,
          memberships: { create: { userId: input.userId, role: 'owner' } },
        },
      }),
    )
    await notify(tx, 'slipway_account', input.userId)
    await writeAudit(tx, {
      teamId: team.id,
      actor: input.actor,
      action: 'team.create',
      subject: team.slug,
      summary: `Created the team ${team.name}.`,
    })
    return team
  })
}

/** Changes a team's display name. */
export async function renameTeam(db: Database, input: { teamId: string; name: string; actor: Actor }): Promise<void> {
  await db.transaction(async (tx) => {
    const team = await tx.team.update({ where: { id: input.teamId }, data: { name: input.name } })
    await writeAudit(tx, {
      teamId: team.id,
      actor: input.actor,
      action: 'team.update',
      subject: team.slug,
      summary: `Renamed the team to ${team.name}.`,
    })
  })
}

const projectTree = {
  environments: {
    where: { deletedAt: null },
    orderBy: { createdAt: 'asc' },
    include: { _count: { select: { apps: { where: { deletedAt: null } } } } },
  },
} as const satisfies Prisma.ProjectInclude

export type ProjectWithEnvironments = Prisma.ProjectGetPayload<{ include: typeof projectTree }>

/** A team with its projects and environments, and how many apps these have. */
export async function getTeam(db: Database, teamId: string): Promise<Team & { projects: ProjectWithEnvironments[] }> {
  return db.client.team.findUniqueOrThrow({
    where: { id: teamId },
    include: { projects: { where: { deletedAt: null }, orderBy: { slug: 'asc' }, include: projectTree } },
  })
}

/** The teams that an account is in. */
export async function listTeamIds(db: Database, userId: string): Promise<Set<string>> {
  const rows = await db.client.membership.findMany({ where: { userId }, select: { teamId: true } })
  return new Set(rows.map(({ teamId }) => teamId))
}

export interface Member {
  email: string
  name: string
  role: Role
  joinedAt: Date
}

/** Members by the date they joined. */
export async function listMembers(db: Database, teamId: string): Promise<Member[]> {
  const rows = await db.client.membership.findMany({
    where: { teamId },
    include: { user: true },
    orderBy: { joinedAt: 'asc' },
  })
  return rows.map(({ role, joinedAt, user }) => ({ email: user.email, name: user.name, role, joinedAt }))
}

export interface MemberChange {
  teamId: string
  team: string
  email: string
  actor: Actor
  actorRole: Role
}

async function findMember(tx: Transaction, change: MemberChange) {
  const member = await tx.membership.findFirst({
    where: { teamId: change.teamId, user: { email: change.email } },
    include: { user: true },
  })
  if (!member) throw new AppError('not_found', `${change.email} is not a member of ${change.team}.`)
  return member
}

/** Throws `forbidden` unless who acts may give or take this role. */
export function checkMayAssign(actorRole: Role, role: Role): void {
  if (mayAssignRole(actorRole, role)) return
  throw new AppError('forbidden', `Only an owner can grant or revoke the role ${role}. Yours is ${actorRole}.`)
}

/** A team always has an owner. Needs `lockTeam`. */
async function checkOwnerStays(tx: Transaction, change: MemberChange, role: Role): Promise<void> {
  if (role !== 'owner') return
  if ((await tx.membership.count({ where: { teamId: change.teamId, role: 'owner' } })) > 1) return
  throw new AppError(
    'conflict',
    `${change.email} is the only owner of ${change.team}. Make someone else an owner first.`,
  )
}

/** Changes a member's role. Throws `forbidden` beyond the actor's own role, `conflict` for the last owner. */
export async function setMemberRole(db: Database, change: MemberChange & { role: Role }): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, change.teamId)
    const member = await findMember(tx, change)
    checkMayAssign(change.actorRole, member.role)
    checkMayAssign(change.actorRole, change.role)
    if (member.role === change.role) return
    await checkOwnerStays(tx, change, member.role)
    await tx.membership.update({
      where: { teamId_userId: { teamId: change.teamId, userId: member.userId } },
      data: { role: change.role },
    })
    await writeAudit(tx, {
      teamId: change.teamId,
      actor: change.actor,
      action: 'member.setRole',
      subject: change.team,
      summary: `Changed ${change.email} from ${member.role} to ${change.role}.`,
    })
    await notify(tx, 'slipway_account', member.userId)
  })
}

/** Takes a member out of the team. Throws as `setMemberRole`. */
export async function removeMember(db: Database, change: MemberChange): Promise<void> {
  await db.transaction(async (tx) => {
    await lockTeam(tx, change.teamId)
    const member = await findMember(tx, change)
    checkMayAssign(change.actorRole, member.role)
    await checkOwnerStays(tx, change, member.role)
    await tx.membership.delete({ where: { teamId_userId: { teamId: change.teamId, userId: member.userId } } })
    await writeAudit(tx, {
      teamId: change.teamId,
      actor: change.actor,
      action: 'member.remove',
      subject: change.team,
      summary: `Removed ${change.email}.`,
    })
    await notify(tx, 'slipway_account', member.userId)
  })
}
