import { randomBytes } from 'node:crypto'
import type { DeliveryStatus } from '@slipway/domain'
import type { Database } from './database.ts'
import { notify } from './notify.ts'

/** Deliveries kept for each app; older ones that made no build go first. */
const KEPT_DELIVERIES = 500

export interface NewDelivery {
  appId: string
  /** The git host's own id. */
  deliveryId: string
  event: string
  status: Extract<DeliveryStatus, 'accepted' | 'ignored' | 'rejected'>
  reason: string
  branch?: string
  commit?: string
  message?: string
  author?: string
}

/**
 * Stores a delivery once, in one statement. One that was turned away, ignored or failed before it made a build may come again (people
 * correct the secret and press "redeliver", which keeps the id) and is then judged anew; one that was accepted stays as it is. Answers
 * whether the delivery is news.
 */
export async function storeDelivery(db: Database, input: NewDelivery, now: Date): Promise<boolean> {
  const { appId, deliveryId, event, status, reason, branch, commit, message, author } = input
  const rows = await db.client.$queryRaw<unknown[]>`
    WITH stored AS (
      INSERT INTO deliveries AS known (id, "appId", "deliveryId", event, status, reason, branch, commit, message, author, "receivedAt")
      VALUES (${newId(now)}::uuid, ${appId}::uuid, ${deliveryId}, ${event}, ${status}::"DeliveryStatus", ${reason},
        ${branch ?? null}, ${commit ?? null}, ${message ?? null}, ${author ?? null}, ${now})
      ON CONFLICT ("appId", "deliveryId") DO UPDATE SET event = EXCLUDED.event, status = EXCLUDED.status,
        reason = EXCLUDED.reason, branch = EXCLUDED.branch, commit = EXCLUDED.commit, message = EXCLUDED.message,
        author = EXCLUDED.author, "receivedAt" = EXCLUDED."receivedAt", "processedAt" = NULL, attempts = 0
      WHERE known.status NOT IN ('accepted', 'built') AND EXCLUDED.status <> 'rejected'
        AND NOT EXISTS (SELECT 1 FROM builds WHERE builds."deliveryId" = known.id)
      RETURNING known.id)
    SELECT pg_notify('slipway_delivery', stored.id::text)::text FROM stored`
  return rows.length > 0
}

/** A UUIDv7 (RFC 9562), as Prisma makes them: lists are ordered by it. */
function newId(now: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Removes an app's oldest deliveries beyond those that are kept. */
export async function forgetOldDeliveries(db: Database, appId: string): Promise<void> {
  const oldest = await db.client.delivery.findMany({
    where: { appId },
    orderBy: { receivedAt: 'desc' },
    skip: KEPT_DELIVERIES,
    take: 100,
    select: { id: true },
  })
  if (oldest.length === 0) return
  await db.client.delivery.deleteMany({
    where: { id: { in: oldest.map(({ id }) => id) }, status: { not: 'accepted' } },
  })
}

/** Writes what became of an accepted delivery, once. */
export async function finishDelivery(
  db: Database,
  input: { id: string; status: Extract<DeliveryStatus, 'built' | 'failed' | 'ignored'>; reason: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { count } = await tx.delivery.updateMany({
      where: { id: input.id, status: 'accepted' },
      data: { status: input.status, reason: input.reason.slice(0, 2000), processedAt: input.now },
    })
    if (count > 0) await notify(tx, 'slipway_delivery', input.id)
  })
}

/** A delivery with the build that it made; null when it is gone. */
export function findDelivery({ client }: Database, id: string) {
  return client.delivery.findUnique({
    where: { id },
    include: { build: { include: { release: { select: { number: true } } } }, app: { select: { deletedAt: true } } },
  })
}
