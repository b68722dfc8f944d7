import { AppError, mayAssignRole, type Role } from '@slipway/domain'
import { insertAccount, type NewAccount } from './accounts.ts'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import type { Invitation, Prisma, User } from './generated/client.ts'
import { notify } from './notify.ts'
import { lockTeam } from './quota.ts'
import { checkMayAssign, MAX_MEMBERS } from './teams.ts'
import type { Transaction } from './transaction.ts'

/** Open invitations, newest first. */
export function listInvitations(db: Database, teamId: string, now: Date): Promise<Invitation[]> {
  return db.client.invitation.findMany({
    where: { teamId, expiresAt: { gt: now } },
    orderBy: { createdAt: 'desc' },
    take: MAX_MEMBERS,
  })
}

export interface NewInvitation {
  teamId: string
  team: string
  email: string
  role: Role
  tokenHash: string
  expiresAt: Date
  actor: Actor & { userId: string }
  actorRole: Role
}

/** Invites an address; an earlier invitation of it ends. Throws `conflict` for members, `forbidden` beyond the actor's own role. */
export function createInvitation(db: Database, input: NewInvitation): Promise<Invitation> {
  const { teamId, team, email, role, tokenHash, expiresAt, actor, actorRole } = input
  checkMayAssign(actorRole, role)
  return db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    const member = await tx.membership.findFirst({ where: { teamId, user: { email } } })
    if (member) throw new AppError('conflict', `${email} is already a member of ${team}, as ${member.role}.`)
    const [members, invited] = [
      await tx.membership.count({ where: { teamId } }),
      await tx.invitation.count({ where: { teamId } }),
    ]
    if (members + invited >= MAX_MEMBERS) {
      throw new AppError('conflict', `A team can have ${MAX_MEMBERS} members, invitations included.`)
    }
    const data = { role, tokenHash, invitedBy: actor.name, inviterId: actor.userId, expiresAt }
    const invitation = await tx.invitation.upsert({
      where: { teamId_email: { teamId, email } },
      create: { teamId, email, ...data },
      update: { ...data, createdAt: new Date() },
    })
    const summary = `Invited ${email} as ${role}.`
    await writeAudit(tx, { teamId, actor, action: 'invitation.create', subject: team, summary })
    return invitation
  })
}

/** Ends an invitation. Throws `not_found`. */
export async function revokeInvitation(
  db: Database,
  input: { teamId: string; team: string; email: string; actor: Actor },
): Promise<void> {
  const { teamId, team, email, actor } = input
  await db.transaction(async (tx) => {
    const { count } = await tx.invitation.deleteMany({ where: { teamId, email } })
    if (count === 0) throw new AppError('not_found', `${email} is not invited to ${team}.`)
    const summary = `Withdrew the invitation for ${email}.`
    await writeAudit(tx, { teamId, actor, action: 'invitation.revoke', subject: team, summary })
  })
}

export type InvitationWithTeam = Prisma.InvitationGetPayload<{ include: { team: true } }>

const ENDED = 'This invitation has expired or was already used. Ask for a new one.'

/**
 * The invitation that a link stands for. Throws `not_found` when it has ended, `forbidden` when who invited could not invite any
 * more.
 */
export async function getInvitation(
  { client }: { client: Transaction },
  tokenHash: string,
  now: Date,
): Promise<InvitationWithTeam> {
  const invitation = await client.invitation.findFirst({
    where: { tokenHash, expiresAt: { gt: now } },
    include: { team: true },
  })
  if (!invitation) throw new AppError('not_found', ENDED)
  await checkInviter(client, invitation)
  return invitation
}

/** An invitation is worth what its inviter's rights are worth: it ends when they leave, or may no longer give that role. */
async function checkInviter(client: Transaction, invitation: InvitationWithTeam): Promise<void> {
  const { teamId, team, role, invitedBy, inviterId } = invitation
  if (inviterId === null) return
  const inviter = await client.membership.findUnique({ where: { teamId_userId: { teamId, userId: inviterId } } })
  if (inviter && mayAssignRole(inviter.role, role)) return
  const why = inviter ? `may no longer invite to ${team.name} as ${role}` : `is no longer in ${team.name}`
  throw new AppError('forbidden', `${invitedBy}, who invited you, ${why}. Ask an owner or admin for a new invitation.`)
}

/**
 * Uses up an invitation: its address becomes a member, with `account` as a new account where there is none. Throws `not_found` when
 * it has ended, `conflict` when the account appeared meanwhile.
 */
export function acceptInvitation(
  db: Database,
  input: { tokenHash: string; account: Omit<NewAccount, 'email'> | null; now: Date },
): Promise<{ team: string; user: User }> {
  return db.transaction(async (tx) => {
    const { tokenHash, account, now } = input
    const { teamId } = await getInvitation({ client: tx }, tokenHash, now)
    // Changes of members take the same lock, so the inviter's rights stay what they are found to be.
    await lockTeam(tx, teamId)
    const { email, role, team } = await getInvitation({ client: tx }, tokenHash, now)
    // Deleting takes the row's lock: of two that accept at once, one finds nothing.
    const { count } = await tx.invitation.deleteMany({ where: { tokenHash } })
    if (count === 0) throw new AppError('not_found', ENDED)
    const user = account
      ? await insertAccount(tx, { ...account, email })
      : await tx.user.findUniqueOrThrow({ where: { email } })
    await tx.membership.createMany({ data: { teamId: team.id, userId: user.id, role }, skipDuplicates: true })
    await notify(tx, 'slipway_account', user.id)
    await writeAudit(tx, {
      teamId: team.id,
      actor: user,
      action: 'invitation.accept',
      subject: team.slug,
      summary: `${email} joined as ${role}.`,
    })
    return { team: team.slug, user }
  })
}
