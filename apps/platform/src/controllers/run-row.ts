import { type Database, isNativeBuild } from '@slipway/db'

/** A run with where its app stands and the release that it runs with; null when it is gone. */
export async function loadRun(db: Database, id: string) {
  const run = await db.client.run.findUnique({
    where: { id },
    include: { app: { include: { environment: { include: { project: { include: { team: true } } } } } } },
  })
  if (run === null) return null
  const { app, appId, releaseNumber: number } = run
  const release = await db.client.release.findUniqueOrThrow({ where: { appId_number: { appId, number } } })
  const { environment } = app
  return {
    ...run,
    ref: {
      team: environment.project.team.slug,
      project: environment.project.slug,
      environment: environment.slug,
      app: app.slug,
    },
    namespace: environment.namespace,
    image: release.image,
    isNative: release.buildNumber !== null && (await isNativeBuild(db, appId, release.buildNumber)),
  }
}

export type RunRow = NonNullable<Awaited<ReturnType<typeof loadRun>>>
