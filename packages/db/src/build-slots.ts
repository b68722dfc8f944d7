import type { Database } from './database.ts'

/** Queued builds that are read at once, the oldest first. */
const MAX_QUEUED = 1000

const TEAM_OF_APP = { environment: { select: { project: { select: { teamId: true } } } } } as const

/** How many builds run of each team, by the team's id. */
export async function countRunningBuilds({ client }: Database): Promise<Map<string, number>> {
  const rows = await client.build.findMany({ where: { status: 'running' }, select: { app: { select: TEAM_OF_APP } } })
  const counts = new Map<string, number>()
  for (const { app } of rows) {
    const { teamId } = app.environment.project
    counts.set(teamId, (counts.get(teamId) ?? 0) + 1)
  }
  return counts
}

/** Teams that have an app with a repository. */
export function countBuildingTeams({ client }: Database): Promise<number> {
  const apps = { some: { sourceKind: 'git', deletedAt: null } } as const
  return client.team.count({ where: { projects: { some: { environments: { some: { apps } } } } } })
}

/** Queued builds in their order; of each app the first alone, and none while one of the app runs. */
export async function listQueuedBuilds({ client }: Database): Promise<{ id: string; teamId: string }[]> {
  const rows = await client.build.findMany({
    where: {
      status: 'queued',
      cancelRequestedAt: null,
      app: { deletedAt: null, builds: { none: { status: 'running' } } },
    },
    orderBy: [{ createdAt: 'asc' }, { number: 'asc' }],
    take: MAX_QUEUED,
    select: { id: true, appId: true, app: { select: TEAM_OF_APP } },
  })
  const apps = new Set<string>()
  return rows.flatMap(({ id, appId, app }) => {
    if (apps.has(appId)) return []
    apps.add(appId)
    return [{ id, teamId: app.environment.project.teamId }]
  })
}
