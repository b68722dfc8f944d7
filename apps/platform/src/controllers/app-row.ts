import { type Database, isNativeBuild, readProcesses, readReleaseEnvironment, scaleOf, scalesOf } from '@slipway/db'
import type { AppRef, AppToRender } from '@slipway/domain'
import type { ObservedTarget } from '../api/index.ts'
import { hostnamesOf } from '../api/views/address.ts'
import type { PlatformSettings } from '../env.ts'
import { routeOf } from '../env-routing.ts'

/** An app with all that its reconciler reads, deleted ones too. */
export async function loadApp(db: Database, id: string) {
  const row = await db.client.app.findUnique({
    where: { id },
    include: {
      environment: { include: { project: { include: { team: true } } } },
      processes: true,
      domains: { orderBy: { createdAt: 'asc' } },
      currentRelease: true,
    },
  })
  if (row === null) return null
  const number = row.currentRelease?.buildNumber ?? null
  return { ...row, isNative: number !== null && (await isNativeBuild(db, id, number)) }
}

export type AppRow = NonNullable<Awaited<ReturnType<typeof loadApp>>>

function refOfRow(row: AppRow): AppRef {
  const { environment } = row
  return {
    team: environment.project.team.slug,
    project: environment.project.slug,
    environment: environment.slug,
    app: row.slug,
  }
}

/** The current release with the app's present scale; null when nothing is deployed. */
export function toRender(db: Database, row: AppRow, settings: PlatformSettings): AppToRender | null {
  const release = row.currentRelease
  if (release === null) return null
  const scales = scalesOf(row.processes)
  const route = routeOf(settings)
  return {
    ...refOfRow(row),
    namespace: row.environment.namespace,
    release: release.number,
    image: release.image,
    config: readReleaseEnvironment(db, release),
    processes: readProcesses(release.processes).map((process) => ({ ...process, ...scaleOf(scales, process.name) })),
    hostnames: route === null ? [] : hostnamesOf(settings, row),
    route,
    // Images of the native builder have a user of their own; a Dockerfile's may be root.
    runsAsNonRoot: settings.podSecurity === 'restricted' || row.isNative,
  }
}

/** What the observer needs to know. */
export function targetOfRow(row: AppRow): ObservedTarget {
  const scales = scalesOf(row.processes)
  return {
    appId: row.id,
    ref: refOfRow(row),
    namespace: row.environment.namespace,
    currentRelease: row.currentReleaseNumber,
    processes: readProcesses(row.currentRelease?.processes ?? []).map(({ name, kind }) => ({
      name,
      kind,
      ...scaleOf(scales, name),
    })),
  }
}
