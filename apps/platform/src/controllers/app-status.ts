import { notify, observeRelease } from '@slipway/db'
import type { Health, WhyView } from '@slipway/domain'
import { appHealth, rolloutOf } from '@slipway/health'
import type { KubeApiError } from '@slipway/kube'
import type { ObservedApp } from '../api/index.ts'
import { objectsOf } from '../live/observer.ts'
import { type AppRow, targetOfRow } from './app-row.ts'
import type { ControllerContext } from './context.ts'

/**
 * Writes what is observed of an app, where it changed, with the generation it was observed for. Answers whether the app is
 * settled: nothing is expected to change by the mere passing of time.
 */
export async function observeStatus(context: ControllerContext, row: AppRow): Promise<boolean> {
  const target = targetOfRow(row)
  const observed = context.observer.observeApp(target)
  if (observed === null) return false
  const rollout = await observeRollout(context, row)
  await writeStatus(context, row, observed)
  const { lookAgainInMs } = appHealth(objectsOf(context.caches, target, context.now().getTime()))
  const moving =
    rollout === 'moving' || observed.health.status === 'Progressing' || observed.health.status === 'Unknown'
  return !moving && lookAgainInMs === null
}

/** The release's status, observed. Live once, it stays live while it is the app's own: a crash later is the app's health. */
async function observeRollout(context: ControllerContext, row: AppRow): Promise<'settled' | 'moving'> {
  const release = row.currentRelease
  if (release === null) return 'settled'
  const objects = objectsOf(context.caches, targetOfRow(row), context.now().getTime())
  const { status, message } = rolloutOf(objects, release.number)
  if (status === 'pending' || status === 'superseded') return 'moving'
  if (release.status === 'live' && status !== 'live') return 'settled'
  const written = await observeRelease(context.db, {
    appId: row.id,
    number: release.number,
    status,
    message: status === 'failed' ? message : null,
    now: context.now(),
  })
  if (written) await tell(context, row.id)
  return status === 'rolling_out' ? 'moving' : 'settled'
}

async function writeStatus(
  context: ControllerContext,
  row: AppRow,
  seen: Pick<ObservedApp, 'health' | 'why' | 'servingRelease'>,
) {
  const same =
    row.observedGeneration === row.generation &&
    row.servingReleaseNumber === seen.servingRelease &&
    sameJson(row.health, seen.health) &&
    sameJson(row.why, seen.why)
  if (same) return
  await context.db.client.app.updateMany({
    where: { id: row.id, deletedAt: null },
    data: {
      health: { ...seen.health },
      why: seen.why === null ? undefined : { ...seen.why },
      servingReleaseNumber: seen.servingRelease,
      observedGeneration: row.generation,
      observedAt: context.now(),
    },
  })
  if (seen.why === null && row.why !== null) {
    await context.db.pool.query('UPDATE apps SET why = NULL WHERE id = $1', [row.id])
  }
}

/** Objects of the database come back with their keys in another order. */
function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}

/** The API server refuses what is wanted: the release failed, and its words say why. */
export async function writeRefusal(context: ControllerContext, row: AppRow, refusal: KubeApiError): Promise<void> {
  const release = row.currentRelease
  const sentence = `Kubernetes refuses this release: ${refusal.message.replace(/\.$/, '')}.`
  const action = 'Correct what it names and deploy again, or roll back.'
  const health: Health = { status: 'Degraded', reason: refusal.reason, message: sentence, action }
  const why: WhyView = { sentence, action, logTail: [], instance: null, process: null, build: null }
  await writeStatus(context, row, { health, why, servingRelease: row.servingReleaseNumber })
  if (release === null) return
  const written = await observeRelease(context.db, {
    appId: row.id,
    number: release.number,
    status: 'failed',
    message: sentence,
    now: context.now(),
  })
  if (written) await tell(context, row.id)
}

/** The environment's namespace cannot be used: what is deployed waits, and says why. */
export async function writeBlocked(
  context: ControllerContext,
  row: AppRow,
  reason: string,
  sentence: string,
): Promise<void> {
  const action = 'Delete the environment here and make one of another name, or have an operator sort out the namespace.'
  const why: WhyView = { sentence, action, logTail: [], instance: null, process: null, build: null }
  const health: Health = { status: 'Degraded', reason, message: sentence, action }
  await writeStatus(context, row, { health, why, servingRelease: row.servingReleaseNumber })
}

/** Release rows are what pages list: everyone who watches the app, on any replica, looks again. */
async function tell({ db }: ControllerContext, appId: string): Promise<void> {
  await db.transaction((tx) => notify(tx, 'slipway_app', appId))
}
