import { activeReleasesOfRuns, type WantedApp, writeRefusals } from '@slipway/db'
import { isAppError } from '@slipway/domain'
import { KubeApiError, type ObjectRef } from '@slipway/kube'
import { keepOf, releaseLabels } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import { refusalsOf } from '../apps/refusals.ts'
import { sameJson } from '../apps/same-json.ts'
import { writeBlocked, writeRefusal, writeStatus } from './app-status.ts'
import { isEnding } from './apply.ts'
import { type Applied, applyApp } from './apply-app.ts'
import type { ControllerContext } from './context.ts'
import { restartInstances } from './instance-restarts.ts'
import { assertOwn } from './ownership.ts'
import { removeApp } from './remove-app.ts'

const REFUSED_RETRY_MS = 30_000
const NOT_SYNCED_MS = 15_000
const NAMESPACE_WAIT_MS = 500

/**
 * One app: what is wanted of it against what the cluster has, both read off AppState. Woken by every change of either, by time where
 * that alone changes what is observed, by resync and by start-up, always with nothing but the id. Where a pod moved and nothing else
 * changed, no row is read, nothing is decrypted and nothing is applied.
 */
export async function reconcileApp(context: ControllerContext, id: string): Promise<ReconcileResult | undefined> {
  const app = context.apps.wanted(id)
  if (app === undefined) {
    context.renderings.forget(id)
    return undefined
  }
  if (app.isDeleted) return removeApp(context, app)
  // Everything is reconciled again when the caches have synced.
  if (!context.caches.isSynced()) return { requeueAfterMs: NOT_SYNCED_MS }
  if (!context.environments.isPrepared(app.namespace)) {
    context.enqueue('environment', app.environmentId)
    return waitForNamespace(context, app)
  }
  const { fatal, refusals } = await converge(context, app)
  if (!sameJson(refusalsOf(app.stored.refusals), refusals)) await writeRefusals(context.db, id, refusals)
  if (fatal !== null) {
    await writeRefusal(context, app, fatal)
    return { requeueAfterMs: REFUSED_RETRY_MS }
  }
  const observed = context.apps.observed(id)
  if (observed !== undefined) await writeStatus(context, app, observed)
  return refusals.length > 0 ? { requeueAfterMs: REFUSED_RETRY_MS } : undefined
}

/** The environment's controller is on its way, or the namespace is not ours to use: then the app says whose it is. */
async function waitForNamespace(context: ControllerContext, app: WantedApp): Promise<ReconcileResult> {
  try {
    await assertOwn(context.cluster, app.namespace, context.owner)
  } catch (error) {
    if (!isAppError(error)) throw error
    await writeBlocked(context, app, 'NamespaceTaken', error.message)
    return { requeueAfterMs: REFUSED_RETRY_MS }
  }
  return { requeueAfterMs: NAMESPACE_WAIT_MS }
}

/** Applies what is wanted and takes away what is not. What the API server refuses for good is answered, the rest is applied. */
async function converge(context: ControllerContext, app: WantedApp): Promise<Applied> {
  const { renderings } = context
  let objects: readonly ObjectRef[] | null = renderings.applied(app)
  let applied: Applied = { fatal: null, refusals: [] }
  if (objects === null) {
    const rendered = await renderings.render(app)
    applied = await applyApp(context.applier, rendered).catch((error) => bringBackNamespace(context, app, error))
    if (applied.fatal !== null) return applied
    if (applied.refusals.length === 0) renderings.keep(app, rendered)
    objects = rendered.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, ...metadata }))
  }
  await pruneApp(context, app, objects)
  await restartInstances(context, app)
  return applied
}

/** The namespace is missing or on its way out: the environment's controller makes it again. */
async function bringBackNamespace(context: ControllerContext, app: WantedApp, error: unknown): Promise<never> {
  if (error instanceof KubeApiError && (error.status === 404 || isEnding(error))) {
    context.environments.lost(app.namespace)
    context.enqueue('environment', app.environmentId)
  }
  throw error
}

/** Deletes what was made for the app and is no longer rendered; Secrets stay while pods, ReplicaSets or commands of their release do. */
async function pruneApp(context: ControllerContext, app: WantedApp, rendered: readonly ObjectRef[]): Promise<void> {
  const { caches, cluster, db } = context
  const { namespace, ref } = app
  const names = new Set(rendered.map(({ kind, name }) => `${kind}/${name}`))
  const surplus = caches
    .rendered(namespace, ref.app)
    .filter(({ kind, metadata }) => !names.has(`${kind}/${metadata.name}`) && metadata.deletionTimestamp === undefined)
  if (surplus.length === 0) return
  const { pods, replicaSets } = caches.app(namespace, ref.app)
  const running = [...pods, ...replicaSets.filter((each) => (each.spec?.replicas ?? 0) > 0)]
  const isUsed = keepOf([], running)
  if (surplus.every(isUsed)) return
  // Commands that run once come and go without the app's row changing.
  const runs = await activeReleasesOfRuns(db, app.id)
  const keep = keepOf([], [...running, ...runs.map((release) => ({ metadata: { labels: releaseLabels(release) } }))])
  for (const { apiVersion, kind, metadata } of surplus.filter((object) => !keep(object))) {
    await cluster.delete({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name })
  }
}
