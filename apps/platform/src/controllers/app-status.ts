import { observeRelease, type WantedApp, writeAppStatus } from '@slipway/db'
import { isObservable, releaseStatusAfter } from '@slipway/domain'
import type { KubeApiError } from '@slipway/kube'
import { z } from 'zod'
import type { ObservedApp } from '../apps/observed.ts'
import { degraded } from '../apps/refusals.ts'
import { sameJson } from '../apps/same-json.ts'
import type { ControllerContext } from './context.ts'

/** Writes down what is observed of an app, where it changed. Nothing is while the cluster does not answer. */
export async function writeStatus(context: ControllerContext, app: WantedApp, observed: ObservedApp): Promise<void> {
  if (observed.source !== 'caches') return
  await writeReleaseStatus(context, app, observed)
  await store(context, app, observed)
}

/** The release's status, as the rollout's state machine concludes it from what is observed. */
async function writeReleaseStatus(
  context: ControllerContext,
  { id, current, deployed }: WantedApp,
  { rollout }: ObservedApp,
): Promise<void> {
  // Until its command has succeeded the cluster shows the release before it.
  if (current === null || rollout === null || deployed?.number !== current.number) return
  const status = releaseStatusAfter(current, rollout.stable)
  if (!isObservable(status)) return
  const message = status === 'failed' ? rollout.message : null
  if (current.status === status && current.message === message) return
  await observeRelease(context.db, { appId: id, number: current.number, status, message, now: context.now() })
}

async function store(
  context: ControllerContext,
  { id, generation, stored }: WantedApp,
  seen: Pick<ObservedApp, 'health' | 'why' | 'servingRelease'>,
): Promise<void> {
  const { health, why, servingRelease } = seen
  const same =
    stored.generation === generation &&
    stored.servingRelease === servingRelease &&
    sameJson(essenceOf(stored.health), essenceOf(health)) &&
    sameJson(stored.why, why)
  if (same) return
  const status = { health, why, servingRelease, generation }
  await writeAppStatus(context.db, id, { ...status, now: context.now() })
  context.apps.noteStored(id, status)
}

/** While something is under way its sentence changes with each instance: every process reads that off its own caches. */
function essenceOf(health: unknown): unknown {
  const under = underWaySchema.safeParse(health)
  return under.success ? under.data : health
}

const underWaySchema = z.object({ status: z.literal('Progressing'), state: z.string(), reason: z.string() })

/** The API server refuses what is wanted: the release failed, and its words say why. */
export async function writeRefusal(context: ControllerContext, app: WantedApp, refusal: KubeApiError): Promise<void> {
  const sentence = `Kubernetes refuses this release: ${refusal.message.replace(/\.$/, '')}.`
  const action = 'Correct what it names and deploy again, or roll back.'
  const { health, why } = degraded(refusal.reason, sentence, action)
  if (app.fallback !== null) why.repairs = [{ kind: 'roll_back', release: app.fallback }]
  await store(context, app, { health, why, servingRelease: app.stored.servingRelease })
  const { current, deployed, id } = app
  if (current === null || deployed?.number !== current.number) return
  if (current.status === 'failed' && current.message === sentence) return
  const seen = { appId: id, number: current.number, status: 'failed', message: sentence } as const
  await observeRelease(context.db, { ...seen, now: context.now() })
}

/** The environment's namespace cannot be used: what is deployed waits, and says why. */
export async function writeBlocked(
  context: ControllerContext,
  app: WantedApp,
  reason: string,
  sentence: string,
): Promise<void> {
  const action = 'Delete the environment here and make one of another name, or have an operator sort out the namespace.'
  const { health, why } = degraded(reason, sentence, action)
  await store(context, app, { health, why, servingRelease: app.stored.servingRelease })
}
