import { removeDeletedApp } from '@slipway/db'
import { isBuildOver } from '@slipway/domain'
import { Pods, ReplicaSets } from '@slipway/kube'
import { appSelector, prunableTypes } from '@slipway/manifests'
import type { ReconcileResult } from '@slipway/reconcile'
import type { AppRow } from './app-row.ts'
import type { ControllerContext } from './context.ts'
import { isOwn } from './ownership.ts'

const LOOK_AGAIN_MS = 1000

/**
 * The end of an app: its builds end, its objects go, then its repository, and the row last. Every step can
 * be taken again, so a crash in between loses nothing; each look goes as far as it can.
 */
export async function removeApp(context: ControllerContext, row: AppRow): Promise<ReconcileResult | undefined> {
  const builds = await context.db.client.build.findMany({
    where: { appId: row.id },
    select: { id: true, status: true },
  })
  const active = builds.filter(({ status }) => !isBuildOver(status))
  for (const build of active) context.enqueue('build', build.id)
  if (!(await clearCluster(context, row)) || active.length > 0) return { requeueAfterMs: LOOK_AGAIN_MS }
  // A process with the role git of its own sweeps what has no row.
  await context.repositories?.remove(row.id)
  await removeDeletedApp(context.db, row.id)
  context.logger.info({ appId: row.id, app: row.slug }, 'the app is gone')
  return undefined
}

/** Asks the API server itself, not the caches: what was applied a moment ago may not be in them yet. */
async function clearCluster({ cluster, owner, settings }: ControllerContext, row: AppRow): Promise<boolean> {
  const { namespace } = row.environment
  // Another Slipway's app of the same name is none of ours.
  if (!(await isOwn(cluster, namespace, owner))) return true
  const types = prunableTypes(settings.gateway !== null)
  const labelSelector = appSelector(row.slug)
  await cluster.prune({ namespace, labelSelector, types, keep: () => false })
  for (const type of [...types, ReplicaSets, Pods]) {
    const { items } = await cluster.list(type, { namespace, labelSelector })
    if (items.length > 0) return false
  }
  return true
}
