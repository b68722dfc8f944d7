import { APP_PLACE, refOf } from './app-place.ts'
import type { Database } from './database.ts'
import { notify } from './notify.ts'
import { isNativeRelease } from './release-origin.ts'

/** A run with where its app stands and the release that it runs with; null when it is gone. */
export async function findRun(db: Database, id: string) {
  const run = await db.client.run.findUnique({ where: { id }, include: { app: APP_PLACE } })
  if (run === null) return null
  const { app, appId, releaseNumber: number } = run
  const release = await db.client.release.findUniqueOrThrow({ where: { appId_number: { appId, number } } })
  return {
    ...run,
    ref: refOf(app),
    namespace: app.environment.namespace,
    release,
    image: release.image,
    isNative: await isNativeRelease(db.client, release),
  }
}

export type RunWithPlace = NonNullable<Awaited<ReturnType<typeof findRun>>>

/** True for what has ended or is gone. */
export async function isRunOver({ client }: Database, id: string): Promise<boolean> {
  return (await client.run.count({ where: { id, endedAt: null } })) === 0
}

/** Notes that a run's Job was created, once. */
export async function markRunStarted(db: Database, id: string, startedAt: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const [run] = await tx.run.updateManyAndReturn({
      where: { id, startedAt: null, endedAt: null },
      data: { startedAt },
      select: { appId: true, kind: true },
    })
    if (run?.kind === 'release') await notify(tx, 'slipway_app', run.appId)
  })
}
