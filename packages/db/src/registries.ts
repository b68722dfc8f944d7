import { AppError, type PullCredential } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { cipherContext } from './encryption.ts'
import type { RegistryCredential } from './generated/client.ts'
import { notify } from './notify.ts'
import { lockTeam } from './quota.ts'
import type { Transaction } from './transaction.ts'

/** A pull secret holds at most 1 MiB; nobody needs more registries than this. */
const MAX_REGISTRIES = 50

export interface NewRegistry {
  teamId: string
  team: string
  host: string
  username: string
  password: string
  actor: Actor
}

/** Credentials of a team by host; no passwords. */
export function listRegistries(
  db: Database,
  teamId: string,
): Promise<Omit<RegistryCredential, 'passwordCiphertext'>[]> {
  return db.client.registryCredential.findMany({
    where: { teamId },
    omit: { passwordCiphertext: true },
    orderBy: { host: 'asc' },
  })
}

/** Credentials of a team in clear, for the pull secrets of its environments. */
export async function readPullCredentials(db: Database, teamId: string): Promise<PullCredential[]> {
  const rows = await db.client.registryCredential.findMany({ where: { teamId }, orderBy: { host: 'asc' } })
  return rows.map(({ host, username, passwordCiphertext }) => ({
    host,
    username,
    password: db.cipher.decrypt(passwordCiphertext, cipherContext.registryPassword(teamId, host)),
  }))
}

/** Stores credentials for one registry, in place of those it had. Throws `conflict` over the limit. */
export async function setRegistry(db: Database, input: NewRegistry): Promise<void> {
  const { teamId, host, username, password, actor } = input
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    const known = await tx.registryCredential.findUnique({ where: { teamId_host: { teamId, host } } })
    if (!known && (await tx.registryCredential.count({ where: { teamId } })) >= MAX_REGISTRIES) {
      throw new AppError('conflict', `A team can have credentials for ${MAX_REGISTRIES} registries. Remove one first.`)
    }
    const data = {
      username,
      passwordCiphertext: db.cipher.encrypt(password, cipherContext.registryPassword(teamId, host)),
      updatedAt: new Date(),
      updatedBy: actor.name,
    }
    await tx.registryCredential.upsert({
      where: { teamId_host: { teamId, host } },
      create: { teamId, host, ...data },
      update: data,
    })
    await writeAudit(tx, {
      teamId,
      actor,
      action: 'registry.set',
      subject: input.team,
      summary: `${known ? 'Replaced' : 'Added'} the credentials for ${host}, user ${username}.`,
    })
    await renewEnvironments(tx, teamId)
  })
}

/** Removes the credentials for one registry; what runs goes on. Throws `not_found`. */
export async function removeRegistry(
  db: Database,
  input: { teamId: string; team: string; host: string; actor: Actor },
): Promise<void> {
  const { teamId, team, host, actor } = input
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    const { count } = await tx.registryCredential.deleteMany({ where: { teamId, host } })
    if (count === 0) throw new AppError('not_found', `${team} has no credentials for ${host}.`)
    await writeAudit(tx, {
      teamId,
      actor,
      action: 'registry.remove',
      subject: team,
      summary: `Removed the credentials for ${host}.`,
    })
    await renewEnvironments(tx, teamId)
  })
}

/** Each environment of the team has a pull secret of its own to bring up to date. */
async function renewEnvironments(tx: Transaction, teamId: string): Promise<void> {
  const where = { project: { teamId }, deletedAt: null }
  await tx.environment.updateMany({ where, data: { generation: { increment: 1 } } })
  for (const { id } of await tx.environment.findMany({ where, select: { id: true } })) {
    await notify(tx, 'slipway_environment', id)
  }
}
