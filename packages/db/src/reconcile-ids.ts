import type { Database } from './database.ts'

// What controllers begin with: ids of rows whose wanted and observed state may differ. Builds, deliveries and runs that are over are left alone.

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
const select = { id: true } as const

export async function listEnvironmentIds(db: Database): Promise<string[]> {
  return idsOf(await db.client.environment.findMany({ select }))
}

/** Id of the environment that has a namespace; null when none does. */
export async function findEnvironmentId(db: Database, namespace: string): Promise<string | null> {
  const row = await db.client.environment.findUnique({ where: { namespace }, select })
  return row?.id ?? null
}

/** Oldest first: slots are given in that order. */
export async function listActiveBuildIds(db: Database): Promise<string[]> {
  const where = { status: { in: ['queued', 'running'] as ('queued' | 'running')[] } }
  return idsOf(await db.client.build.findMany({ where, orderBy: { createdAt: 'asc' }, select }))
}

export async function listAcceptedDeliveryIds(db: Database): Promise<string[]> {
  return idsOf(await db.client.delivery.findMany({ where: { status: 'accepted' }, select }))
}

/** Apps of which a process has a schedule. */
export async function listScheduledAppIds(db: Database): Promise<string[]> {
  const rows = await db.client.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT "appId" AS id FROM app_processes WHERE "scaleRules" <> '[]'`
  return idsOf(rows)
}

export async function listActiveRunIds(db: Database): Promise<string[]> {
  return idsOf(await db.client.run.findMany({ where: { endedAt: null }, select }))
}
