import type { Database } from './database.ts'

/** Releases in which the deployed commit is looked for, the newest first. */
const MAX_LIVE = 50

/** Builds whose commits are kept for another build, beside those under way. */
const KEPT_BUILDS = 20

/** Ids of all apps that have a row. */
export async function listAppIds({ client }: Database): Promise<Set<string>> {
  return new Set((await client.app.findMany({ select: { id: true } })).map(({ id }) => id))
}

/** The branch whose pushes are deployed; null until the first push has chosen it, or when the app is gone. */
export async function readDeployBranch({ client }: Database, appId: string): Promise<string | null> {
  const app = await client.app.findUnique({ where: { id: appId }, select: { deployBranch: true } })
  return app?.deployBranch ?? null
}

/** The commit of a branch's newest push whose release went live; null where there is none. */
export async function findLiveCommit({ client }: Database, appId: string, branch: string): Promise<string | null> {
  const live = await client.release.findMany({
    where: { appId, liveAt: { not: null }, buildNumber: { not: null } },
    orderBy: { buildNumber: 'desc' },
    distinct: ['buildNumber'],
    take: MAX_LIVE,
    select: { buildNumber: true },
  })
  const numbers = live.flatMap(({ buildNumber }) => (buildNumber === null ? [] : [buildNumber]))
  const builds = await client.build.findMany({
    where: { appId, branch, trigger: { in: ['push', 'manual'] }, number: { in: numbers } },
    orderBy: { number: 'desc' },
    select: { commit: true, trigger: true },
  })
  for (const { commit, trigger } of builds) {
    // A commit that was built again by hand may be of a connected repository, which has branches of its own.
    if (trigger === 'push' || (await client.build.count({ where: { appId, commit, trigger: 'push' } })) > 0)
      return commit
  }
  return null
}

/** Numbers of builds whose commits are still needed, and whether one of them is under way. */
export async function listKeptBuilds(
  { client }: Database,
  appId: string,
): Promise<{ numbers: number[]; isBuilding: boolean }> {
  const newest = await client.build.findMany({
    where: { appId },
    orderBy: { number: 'desc' },
    take: KEPT_BUILDS,
    select: { number: true },
  })
  const active = await client.build.findMany({
    where: { appId, status: { in: ['queued', 'running'] } },
    select: { number: true },
  })
  return { numbers: [...newest, ...active].map(({ number }) => number), isBuilding: active.length > 0 }
}
