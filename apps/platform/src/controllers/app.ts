import { isAppError } from '@slipway/domain'
import { KubeApiError, type KubeObject } from '@slipway/kube'
import { keepOf, renderApp } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import { type AppRow, loadApp, toRender } from './app-row.ts'
import { observeStatus, writeBlocked, writeRefusal } from './app-status.ts'
import type { ControllerContext } from './context.ts'
import { assertOwn } from './ownership.ts'
import { removeApp } from './remove-app.ts'

/** Ages in sentences and progress deadlines change without an event: an app that is not settled is looked at this often. */
const UNSETTLED_LOOK_MS = 5000
const REFUSED_RETRY_MS = 30_000
const NOT_SYNCED_MS = 15_000

/**
 * One app: what its row wants against what the cluster has. Woken by both sides, by resync and by start-up, always with
 * nothing but the id.
 */
export async function reconcileApp(context: ControllerContext, id: string): Promise<ReconcileResult | undefined> {
  const row = await loadApp(context.db, id)
  if (row === null) return undefined
  if (row.deletedAt !== null) return removeApp(context, row)
  // Everything is looked at again when the caches have synced.
  if (!context.caches.isSynced()) return { requeueAfterMs: NOT_SYNCED_MS }
  if (row.environment.observedGeneration === 0) {
    context.enqueue('environment', row.environmentId)
    return waitForNamespace(context, row)
  }
  const refusal = await converge(context, row)
  if (refusal !== null) {
    await writeRefusal(context, row, refusal)
    return { requeueAfterMs: REFUSED_RETRY_MS }
  }
  const settled = await observeStatus(context, row)
  return settled ? undefined : { requeueAfterMs: UNSETTLED_LOOK_MS }
}

/** The environment's controller is on its way, or the namespace is not ours to use: then the app says whose it is. */
async function waitForNamespace(context: ControllerContext, row: AppRow): Promise<ReconcileResult> {
  try {
    await assertOwn(context.cluster, row.environment.namespace, context.owner)
  } catch (error) {
    if (!isAppError(error)) throw error
    await writeBlocked(context, row, 'NamespaceTaken', error.message)
    return { requeueAfterMs: REFUSED_RETRY_MS }
  }
  return { requeueAfterMs: 500 }
}

/** Applies what is wanted and takes away what is not. Answers the API server's words when it refuses for good. */
async function converge(context: ControllerContext, row: AppRow): Promise<KubeApiError | null> {
  const app = toRender(context.db, row, context.settings)
  const rendered = app === null ? [] : renderApp(app)
  try {
    await context.applier.apply(rendered)
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error
    if (error.status === 404 || isEnding(error)) {
      // The namespace is missing or on its way out: the environment's controller brings it back.
      await context.db.client.environment.updateMany({
        where: { id: row.environmentId },
        data: { observedGeneration: 0 },
      })
      context.enqueue('environment', row.environmentId)
      throw error
    }
    if (error.status === 400 || error.status === 403 || error.status === 422) return error
    throw error
  }
  await pruneApp(context, row, rendered)
  return null
}

const isEnding = (error: KubeApiError) => error.status === 403 && /being terminated/.test(error.message)

/** Deletes what was made for the app and is no longer rendered; Secrets stay while pods or ReplicaSets of their release do. */
async function pruneApp(context: ControllerContext, row: AppRow, rendered: readonly KubeObject[]): Promise<void> {
  const { caches, cluster } = context
  const { namespace } = row.environment
  const { pods, replicaSets } = caches.app(namespace, row.slug)
  const running = [...pods, ...replicaSets.filter((each) => (each.spec?.replicas ?? 0) > 0)]
  const keep = keepOf(
    rendered.map((object) => ({ ...object })),
    running,
  )
  for (const object of caches.rendered(namespace, row.slug)) {
    if (keep(object) || object.metadata.deletionTimestamp !== undefined) continue
    const { apiVersion, kind, metadata } = object
    await cluster.delete({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name })
  }
}
