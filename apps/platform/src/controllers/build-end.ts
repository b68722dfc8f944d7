import { type BuildWithPlace, completeBuild, endBuild } from '@slipway/db'
import { type BuildStatus, isAppError } from '@slipway/domain'
import { deleteJob } from './build-job.ts'
import { placeOf } from './build-row.ts'
import type { BuildVerdict } from './build-verdict.ts'
import { say } from './build-waits.ts'
import type { ControllerContext } from './context.ts'

/** Writes how a build ended, once. A success makes the release in the same transaction. */
export async function endWith(context: ControllerContext, build: BuildWithPlace, verdict: BuildVerdict): Promise<void> {
  const { db, now } = context
  let { status }: { status: BuildStatus } = verdict
  if (verdict.status === 'succeeded') status = await succeed(context, build, verdict)
  else {
    const { failure, isLogged } = verdict
    if (!isLogged) await say(context, build.id, '', ` !     ${failure}`)
    await endBuild(db, { buildId: build.id, status: verdict.status, failure, now: now() })
  }
  count(context, build, status)
  context.logger.info({ buildId: build.id, app: placeOf(build), build: build.number, status }, 'a build ended')
}

/** Once for each end that this process wrote; a crash between the two loses one count. */
function count({ metrics, now }: ControllerContext, build: BuildWithPlace, outcome: BuildStatus): void {
  const { strategy, createdAt, startedAt } = build
  metrics.buildEnded({
    ...{ strategy, outcome },
    waitedMs: startedAt === null ? null : startedAt.getTime() - createdAt.getTime(),
    ranMs: startedAt === null ? null : now().getTime() - startedAt.getTime(),
  })
}

async function succeed(
  context: ControllerContext,
  build: BuildWithPlace,
  { image, processes }: Extract<BuildVerdict, { status: 'succeeded' }>,
): Promise<BuildStatus> {
  const { db, now } = context
  try {
    await completeBuild(db, { buildId: build.id, image, processes, now: now() })
    return 'succeeded'
  } catch (error) {
    if (!isAppError(error) || error.code === 'unavailable') throw error
    // Cancelled in this moment, the app is going, or the release does not fit its quota: the build ends with these words.
    const status = error.code === 'conflict' || error.code === 'not_found' ? 'cancelled' : 'failed'
    await say(context, build.id, '', ` !     ${error.message}`)
    await endBuild(db, { buildId: build.id, status, failure: error.message, now: now() })
    return status
  }
}

/** Ends a build that is not wanted any more. The row first: what is left in the cluster goes with the looks that follow. */
export async function endCancelled(context: ControllerContext, build: BuildWithPlace): Promise<void> {
  const failure =
    build.app.deletedAt === null ? `Cancelled by ${build.cancelRequestedBy ?? 'somebody'}.` : 'The app was deleted.'
  await say(context, build.id, '', ` !     ${failure}`)
  await endBuild(context.db, { buildId: build.id, status: 'cancelled', failure, now: context.now() })
  count(context, build, 'cancelled')
  await deleteJob(context, build)
}
