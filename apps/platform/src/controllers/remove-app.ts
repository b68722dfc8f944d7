import { listBuildStatuses, removeDeletedApp, type WantedApp } from '@slipway/db'
import { isBuildOver } from '@slipway/domain'
import { Jobs, Pods, prunableKinds, ReplicaSets } from '@slipway/kube'
import { appSelector, runSelector } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import type { ControllerContext } from './context.ts'
import { isOwn } from './ownership.ts'

const LOOK_AGAIN_MS = 1000

/**
 * The end of an app: its builds end, its objects go, then its repository, and the row last. Every step can
 * be taken again, so a crash in between loses nothing; each look goes as far as it can.
 */
export async function removeApp(context: ControllerContext, app: WantedApp): Promise<ReconcileResult | undefined> {
  const builds = await listBuildStatuses(context.db, app.id)
  const active = builds.filter(({ status }) => !isBuildOver(status))
  for (const build of active) context.enqueue('build', build.id)
  if (!(await clearCluster(context, app)) || active.length > 0) return { requeueAfterMs: LOOK_AGAIN_MS }
  // A process with the role git of its own sweeps what has no row.
  await context.repositories?.remove(app.id)
  await removeDeletedApp(context.db, app.id)
  context.logger.info({ appId: app.id, app: app.ref.app }, 'the app is gone')
  return undefined
}

/** Asks the API server itself, not the caches: what was applied a moment ago may not be in them yet. */
async function clearCluster({ cluster, owner, settings }: ControllerContext, app: WantedApp): Promise<boolean> {
  const { namespace, ref } = app
  // Another Slipway's app of the same name is none of ours.
  if (!(await isOwn(cluster, namespace, owner))) return true
  const types = prunableKinds({ hasGateway: settings.gateway !== null })
  const labelSelector = appSelector(ref.app)
  await cluster.prune({ namespace, labelSelector, types, keep: () => false })
  const runs = runSelector(ref.app)
  await cluster.prune({ namespace, labelSelector: runs, types: [Jobs], keep: () => false })
  const left = [...types, ReplicaSets, Pods].map((type) => ({ type, labelSelector }))
  for (const { type, labelSelector } of [
    ...left,
    { type: Jobs, labelSelector: runs },
    { type: Pods, labelSelector: runs },
  ]) {
    const { items } = await cluster.list(type, { namespace, labelSelector })
    if (items.length > 0) return false
  }
  return true
}
