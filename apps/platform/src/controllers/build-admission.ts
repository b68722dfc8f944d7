import { countBuildingTeams, countRunningBuilds, listQueuedBuilds, startBuild } from '@slipway/db'
import type { ControllerContext } from './context.ts'

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
    const running = await countRunningBuilds(db)
    let free = settings.buildConcurrency - [...running.values()].reduce((sum, count) => sum + count, 0)
    if (free <= 0) return
    const waiting = await listQueuedBuilds(db)
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

/**
 * Slots that one team may hold: all where it is the only one that builds here. Otherwise one stays free for the others, since a build
 * cannot be set aside when they come.
 */
async function slotsOfTeam({ db, settings }: Context): Promise<number> {
  const isShared = (await countBuildingTeams(db)) > 1
  return isShared ? Math.max(1, settings.buildConcurrency - 1) : settings.buildConcurrency
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
