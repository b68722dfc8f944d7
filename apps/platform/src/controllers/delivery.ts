import { createBuild, type Delivery, findDelivery, findSource, finishDelivery } from '@slipway/db'
import { isAppError, isBuildOver } from '@slipway/domain'
import type { ReconcileResult } from '@slipway/reconcile'
import { NO_REGISTRY } from '../apps/capabilities.ts'
import type { ControllerContext } from './context.ts'

/** One accepted webhook delivery: makes one build of its commit, and writes what became of that. */
export async function reconcileDelivery(context: ControllerContext, id: string): Promise<ReconcileResult | undefined> {
  const delivery = await findDelivery(context.db, id)
  if (delivery === null || delivery.status !== 'accepted' || delivery.app.deletedAt !== null) return undefined
  const { build } = delivery
  if (build === null) return beginBuild(context, delivery)
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

/** Fetching is the build's own first step, so that a repository that cannot be read is a failed build with its reason. */
async function beginBuild(context: ControllerContext, delivery: Delivery): Promise<undefined> {
  const { db, now } = context
  const finish = (status: 'failed' | 'ignored', reason: string) =>
    finishDelivery(db, { id: delivery.id, status, reason, now: now() })
  const source = await findSource(db, delivery.appId)
  if (source === null || delivery.commit === null) {
    await finish('failed', 'The repository was disconnected before its commit was fetched.')
    return
  }
  if (!context.canBuild) return finish('failed', NO_REGISTRY).then(() => undefined)
  const author = delivery.author ?? 'unknown'
  try {
    const { build, existing } = await createBuild(db, {
      appId: delivery.appId,
      trigger: 'webhook',
      commit: delivery.commit,
      branch: delivery.branch ?? source.branch,
      message: delivery.message ?? '',
      actor: { name: author, email: `${author} (${source.host})` },
      deliveryId: delivery.id,
    })
    if (!existing || build.deliveryId === delivery.id) return
    const state = isBuildOver(build.status) ? 'is already running' : 'is already being built'
    await finish('ignored', `${build.commit.slice(0, 7)} ${state} (build ${build.number}).`)
  } catch (error) {
    if (!isAppError(error) || error.code === 'unavailable') throw error
    await finish('failed', error.message)
  }
}
