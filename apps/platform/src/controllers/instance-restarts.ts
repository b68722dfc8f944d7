import { finishInstanceRestarts, type WantedApp } from '@slipway/db'
import type { ControllerContext } from './context.ts'

/** Ends the instances that somebody asked to restart; their ReplicaSet starts others. One that is gone or going is done with. */
export async function restartInstances(context: ControllerContext, app: WantedApp): Promise<void> {
  if (app.restarts.length === 0) return
  const { namespace } = app
  const { pods } = context.caches.app(namespace, app.ref.app)
  const asked = new Set(app.restarts)
  const present = pods.filter(({ metadata }) => asked.has(metadata?.name ?? '') && !metadata?.deletionTimestamp)
  for (const { metadata } of present) {
    await context.cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: metadata?.name ?? '' })
  }
  await finishInstanceRestarts(context.db, app.id, [...asked])
}
