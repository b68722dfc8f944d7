import { applyScaleRule, dueRule, noteScaleProblem, readScheduled, type ScheduledProcess } from '@slipway/db'
import { isAppError, nextRule } from '@slipway/domain'
import type { ReconcileResult } from '@slipway/reconcile'
import type { ControllerContext } from './context.ts'

/** What the quota refuses may fit when something else was scaled down. */
const REFUSED_RETRY_MS = 60_000
/** Timers do not follow a clock that is set. */
const LOOK_AGAIN_MS = 15 * 60_000

/**
 * The schedules of one app: the clock and the rules say what count is wanted, whatever was missed. Woken by the row, by the time of the
 * next rule, by start-up and by resync. A count that was decided since the rule in force came, by a person too, stays until the next one.
 */
export async function reconcileScaling(
  context: Pick<ControllerContext, 'db' | 'now'>,
  appId: string,
): Promise<ReconcileResult | undefined> {
  const processes = await readScheduled(context.db, appId)
  if (processes.length === 0) return undefined
  let waitMs = LOOK_AGAIN_MS
  for (const process of processes) {
    const isRefused = !(await follow(context, process))
    const nowMs = context.now().getTime()
    const next = nextRule(process.rules, nowMs)
    waitMs = Math.min(waitMs, isRefused ? REFUSED_RETRY_MS : LOOK_AGAIN_MS, (next?.atMs ?? Infinity) - nowMs)
  }
  return { requeueAfterMs: Math.max(0, waitMs) }
}

/** False where the quota refuses what the rule in force says. */
async function follow({ db, now }: Pick<ControllerContext, 'db' | 'now'>, process: ScheduledProcess): Promise<boolean> {
  const due = dueRule(process, now())
  if (due === null) return true
  try {
    await applyScaleRule(db, process, now())
    return true
  } catch (error) {
    if (!isAppError(error) || error.code !== 'quota_exceeded') throw error
    await noteScaleProblem(db, process, due, error.message)
    return false
  }
}
