import type { Health, WhyView } from '@slipway/domain'
import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'

export interface AppStatus {
  health: Health
  why: WhyView | null
  servingRelease: number | null
  /** The generation that it was observed for. */
  generation: number
  now: Date
}

/** Writes down what is observed of an app that is still wanted. Nobody is notified: every process observes for itself. */
export async function writeAppStatus(db: Database, appId: string, status: AppStatus): Promise<void> {
  await db.client.app.updateMany({
    where: { id: appId, deletedAt: null },
    data: {
      health: { ...status.health },
      why: status.why === null ? Prisma.DbNull : { ...status.why },
      servingReleaseNumber: status.servingRelease,
      observedGeneration: status.generation,
      observedAt: status.now,
    },
  })
}

/** Keeps what the API server refuses of an app's objects; none: it takes them all. Followers are notified. */
export async function writeRefusals(
  db: Database,
  appId: string,
  refusals: readonly { hostname: string | null; message: string }[],
): Promise<void> {
  const stored = refusals.length === 0 ? null : JSON.stringify(refusals)
  await db.pool.query(
    `WITH changed AS (UPDATE apps SET refusals = $2 WHERE id = $1) SELECT pg_notify('slipway_app', $1::text)`,
    [appId, stored],
  )
}
