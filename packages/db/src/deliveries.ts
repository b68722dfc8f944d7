import type { DeliveryStatus } from '@slipway/domain'
import type { Database } from './database.ts'
import type { Delivery } from './generated/client.ts'
import { notify } from './notify.ts'

/** Deliveries kept for each app; older ones that made no build go first. */
export const KEPT_DELIVERIES = 500

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
 * Stores a delivery once. One that was turned away, ignored or failed before it made a build may come again (people correct
 * the secret and press "redeliver", which keeps the id) and is then judged anew; one that was accepted stays as it is.
 */
export async function storeDelivery(
  db: Database,
  input: NewDelivery,
  now: Date,
): Promise<{ delivery: Delivery; repeated: boolean }> {
  const { appId, deliveryId, event, status, reason, branch, commit, message, author } = input
  const result = await db.transaction(async (tx) => {
    // One at a time for each app, so that two copies of a delivery can not both be the first.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('slipway.deliveries'), hashtext(${appId}))`
    const key = { appId_deliveryId: { appId, deliveryId } }
    const known = await tx.delivery.findUnique({ where: key, include: { build: { select: { id: true } } } })
    const final = known && (known.status === 'accepted' || known.status === 'built' || known.build !== null)
    if (known && (final || status === 'rejected')) return { delivery: known, repeated: true }
    const data = {
      event,
      status,
      reason,
      branch,
      commit,
      message,
      author,
      receivedAt: now,
      processedAt: null,
      attempts: 0,
    }
    const delivery = await tx.delivery.upsert({ where: key, create: { appId, deliveryId, ...data }, update: data })
    await notify(tx, 'slipway_delivery', delivery.id)
    return { delivery, repeated: false }
  })
  if (!result.repeated) await forgetOldDeliveries(db, appId)
  return result
}

async function forgetOldDeliveries(db: Database, appId: string): Promise<void> {
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
