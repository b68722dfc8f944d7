import { startBuild } from '@slipway/db'
import type { ControllerContext } from './context.ts'

/** Queued builds that one round looks at, the oldest first. */
const MAX_CANDIDATES = 1000
const MAX_TEAMS_REMEMBERED = 10_000

/** Gives the free slots of the installation to queued builds, one team after the other. */
export interface Admission {
  /** Starts what can be started, and enqueues it. Rounds run one after the other. */
  run(): Promise<void>
}

interface Candidate {
  id: string
  teamId: string
}

type Context = Pick<ControllerContext, 'db' | 'now' | 'enqueue'> & {
  settings: Pick<ControllerContext['settings'], 'buildConcurrency'>
}

export function createAdmission(context: Context): Admission {
  /** When a team was served last, in rounds: the one that waited longest is next. */
  const served = new Map<string, number>()
  let turn = 0
  let last: Promise<unknown> = Promise.resolve()

  async function round(): Promise<void> {
    const { db, settings, now, enqueue } = context
    const running = await runningByTeam(context)
    let free = settings.buildConcurrency - [...running.values()].reduce((sum, count) => sum + count, 0)
    if (free <= 0) return
    const waiting = await candidates(context)
    const perTeam = await slotsOfTeam(context)
    while (free > 0) {
      const next = choose(waiting, running, served, perTeam)
      if (next === null) return
      waiting.splice(waiting.indexOf(next), 1)
      if (!(await startBuild(db, next.id, now()))) continue
      running.set(next.teamId, (running.get(next.teamId) ?? 0) + 1)
      if (served.size >= MAX_TEAMS_REMEMBERED) served.clear()
      served.set(next.teamId, ++turn)
      free--
      enqueue('build', next.id)
    }
  }

  return {
    run() {
      const mine = last.catch(() => undefined).then(round)
      last = mine
      return mine
    },
  }
}

const TEAM_OF_APP = { environment: { select: { project: { select: { teamId: true } } } } } as const

async function runningByTeam({ db }: Context): Promise<Map<string, number>> {
  const rows = await db.client.build.findMany({
    where: { status: 'running' },
    select: { app: { select: TEAM_OF_APP } },
  })
  const counts = new Map<string, number>()
  for (const { app } of rows) {
    const { teamId } = app.environment.project
    counts.set(teamId, (counts.get(teamId) ?? 0) + 1)
  }
  return counts
}

/**
 * Slots that one team may hold: all where it is the only one that builds here. Otherwise one stays free for the others, since a build
 * cannot be set aside when they come.
 */
async function slotsOfTeam({ db, settings }: Context): Promise<number> {
  const hasSource = { sourceKind: 'git', deletedAt: null } as const
  const building = await db.client.team.count({
    where: { projects: { some: { environments: { some: { apps: { some: hasSource } } } } } },
  })
  return building > 1 ? Math.max(1, settings.buildConcurrency - 1) : settings.buildConcurrency
}

/** Queued builds in their order; of each app the first alone, and none while one of the app runs. */
async function candidates({ db }: Context): Promise<Candidate[]> {
  const rows = await db.client.build.findMany({
    where: {
      status: 'queued',
      cancelRequestedAt: null,
      app: { deletedAt: null, builds: { none: { status: 'running' } } },
    },
    orderBy: [{ createdAt: 'asc' }, { number: 'asc' }],
    take: MAX_CANDIDATES,
    select: { id: true, appId: true, app: { select: TEAM_OF_APP } },
  })
  const apps = new Set<string>()
  return rows.flatMap(({ id, appId, app }) => {
    if (apps.has(appId)) return []
    apps.add(appId)
    return [{ id, teamId: app.environment.project.teamId }]
  })
}

/** The team with the fewest running builds; among those the one that was served longest ago; of it the oldest build. */
function choose(
  waiting: readonly Candidate[],
  running: ReadonlyMap<string, number>,
  served: ReadonlyMap<string, number>,
  perTeam: number,
): Candidate | null {
  let best: Candidate | null = null
  const rank = ({ teamId }: Candidate) => [running.get(teamId) ?? 0, served.get(teamId) ?? 0] as const
  for (const each of waiting) {
    if ((running.get(each.teamId) ?? 0) >= perTeam) continue
    if (best === null) best = each
    const [count, turn] = rank(each)
    const [bestCount, bestTurn] = rank(best)
    if (count < bestCount || (count === bestCount && turn < bestTurn)) best = each
  }
  return best
}
