import { isBuildOver } from '@slipway/domain'
import type { Database } from './database.ts'

const appPlace = {
  select: {
    slug: true,
    environment: { select: { project: { select: { slug: true, team: { select: { slug: true } } } } } },
  },
} as const

/** The app of a build that goes on; null for one that is over, is to end, or never was. */
export async function findBuildingApp(
  db: Database,
  buildId: string,
): Promise<{ team: string; project: string; app: string } | null> {
  const build = await db.client.build.findUnique({
    where: { id: buildId },
    select: { status: true, cancelRequestedAt: true, app: appPlace },
  })
  if (build === null || isBuildOver(build.status) || build.cancelRequestedAt !== null) return null
  const { project } = build.app.environment
  return { team: project.team.slug, project: project.slug, app: build.app.slug }
}

/** The team, project and apps of an environment; null for one that is gone or going. */
export async function findEnvironmentApps(
  db: Database,
  environmentId: string,
): Promise<{ team: string; project: string; apps: string[] } | null> {
  const environment = await db.client.environment.findUnique({
    where: { id: environmentId, deletedAt: null },
    select: {
      apps: { select: { slug: true } },
      project: { select: { slug: true, team: { select: { slug: true } } } },
    },
  })
  if (environment === null) return null
  const { apps, project } = environment
  return { team: project.team.slug, project: project.slug, apps: apps.map(({ slug }) => slug) }
}

/** True where a release of the environment names the repository, `acme/shop-web`, of whichever registry. */
export async function hasReleaseOf(db: Database, environmentId: string, repository: string): Promise<boolean> {
  const releases = await db.client.release.findMany({
    where: { app: { environmentId }, image: { contains: `/${repository}` } },
    distinct: ['image'],
    select: { image: true },
  })
  return releases.some(({ image }) => image.replace(/^[^/]*\//, '').replace(/[:@].*$/, '') === repository)
}
