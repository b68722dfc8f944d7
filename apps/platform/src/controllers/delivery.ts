import { createBuild, type Delivery, findSource, finishDelivery } from '@slipway/db'
import { isAppError, isBuildOver } from '@slipway/domain'
import type { ReconcileResult } from '@slipway/reconcile'
import { NO_REGISTRY } from '../api/capabilities.ts'
import { fetchSource } from '../sources/fetch.ts'
import type { ControllerContext } from './context.ts'

/** A host that does not answer is asked this often before the delivery is given up. */
const MAX_ATTEMPTS = 5
const RETRY_MS = 10_000

/** One accepted webhook delivery: fetches its commit, makes one build of it, and writes what became of that. */
export async function reconcileDelivery(
  context: ControllerContext,
  id: string,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const delivery = await context.db.client.delivery.findUnique({
    where: { id },
    include: { build: { include: { release: { select: { number: true } } } }, app: { select: { deletedAt: true } } },
  })
  if (delivery === null || delivery.status !== 'accepted' || delivery.app.deletedAt !== null) return undefined
  const { build } = delivery
  if (build === null) return beginBuild(context, delivery, signal)
  if (!isBuildOver(build.status)) return undefined
  const released = build.release === null ? '' : ` and released it as v${build.release.number}`
  await finishDelivery(context.db, {
    id,
    status: build.status === 'succeeded' ? 'built' : 'failed',
    reason:
      build.status === 'succeeded'
        ? `Built ${build.commit.slice(0, 7)} as build ${build.number}${released}.`
        : `Build ${build.number} ${build.status === 'failed' ? 'failed' : build.status === 'cancelled' ? 'was cancelled' : 'took too long'}. ${build.failure ?? ''}`.trim(),
    now: context.now(),
  })
  return undefined
}

async function beginBuild(
  context: ControllerContext,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { db, now } = context
  const fail = async (reason: string): Promise<undefined> => {
    await context.sources.remove(delivery.id)
    await finishDelivery(db, { id: delivery.id, status: 'failed', reason, now: now() })
  }
  const source = await findSource(db, delivery.appId)
  if (source === null || delivery.commit === null)
    return fail('The repository was disconnected before its commit was fetched.')
  if (!context.canBuild) return fail(NO_REGISTRY)
  await db.client.delivery.update({ where: { id: delivery.id }, data: { attempts: { increment: 1 } } })
  try {
    await fetchSource({
      stateDir: context.settings.stateDir,
      sources: context.sources,
      source,
      commit: delivery.commit,
      sourceName: delivery.id,
      signal,
    })
    const author = delivery.author ?? 'unknown'
    await createBuild(db, {
      appId: delivery.appId,
      trigger: 'webhook',
      commit: delivery.commit,
      branch: delivery.branch ?? source.branch,
      message: delivery.message ?? '',
      actor: { name: author, email: `${author} (${source.host})` },
      sourceName: delivery.id,
      deliveryId: delivery.id,
    })
    return undefined
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.code === 'unavailable' && delivery.attempts + 1 < MAX_ATTEMPTS) return { requeueAfterMs: RETRY_MS }
    return fail(error.message)
  }
}
