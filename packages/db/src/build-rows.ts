import type { BuildStrategy } from '@slipway/domain'
import { APP_PLACE } from './app-place.ts'
import type { Database } from './database.ts'
import type { Build, Prisma } from './generated/client.ts'

/** A build with where its app stands; null when it is gone. */
export function findBuild({ client }: Database, id: string) {
  return client.build.findUnique({ where: { id }, include: { app: APP_PLACE } })
}

export type BuildWithPlace = NonNullable<Awaited<ReturnType<typeof findBuild>>>

/** How far a build is, with the release that it made; null when it is gone. */
export function findBuildEnd({ client }: Database, id: string) {
  return client.build.findUnique({ where: { id }, include: { release: { select: { number: true } } } })
}

/** Of all builds of an app, how far they are. */
export function listBuildStatuses({ client }: Database, appId: string) {
  return client.build.findMany({ where: { appId }, select: { id: true, status: true } })
}

/** The newest push of another commit that is being built; null where there is none. */
export function findActivePush({ client }: Database, appId: string, otherThan: string): Promise<Build | null> {
  return client.build.findFirst({
    where: { appId, trigger: 'push', status: { in: ['queued', 'running'] }, commit: { not: otherThan } },
    orderBy: { number: 'desc' },
  })
}

/** How a build is made, as it was decided from its source. */
export interface BuildPlan {
  strategy: BuildStrategy
  settings: Prisma.InputJsonValue
  slipwayFile: Prisma.InputJsonValue | null
}

/** Writes how a build is made, and counts one attempt more. */
export async function writeBuildPlan({ client }: Database, id: string, plan: BuildPlan): Promise<void> {
  const { strategy, settings, slipwayFile } = plan
  await client.build.update({
    where: { id },
    data: { settings, strategy, ...(slipwayFile === null ? {} : { slipwayFile }), attempts: { increment: 1 } },
  })
}
