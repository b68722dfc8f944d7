import { AppError, type ResourceLimits } from '@slipway/domain'
import type { Actor } from './audit.ts'
import { cancelBuild } from './builds.ts'
import type { Database } from './database.ts'
import type { Build, Team } from './generated/client.ts'
import { containing, writeOperatorEvent } from './operators.ts'
import { beforeId, type PageOf, type PageRequest, pageOf } from './pages.ts'
import { getTeamUsage, type TeamUsage } from './quota.ts'

/** Builds that operators see at once; the oldest are next to run. */
const MAX_ACTIVE_BUILDS = 200

export interface AdminTeam {
  team: Team
  members: number
  /** At most three. */
  owners: string[]
  apps: number
  usage: TeamUsage
}

const OWNERS = 3

/** Teams, newest first, with what each holds. */
export async function listTeams(
  db: Database,
  { search, ...page }: PageRequest & { search: string },
): Promise<PageOf<AdminTeam>> {
  const matches = search === '' ? {} : { OR: [{ slug: containing(search) }, { name: containing(search) }] }
  const found = await db.client.team.findMany({
    where: { id: beforeId(page.cursor), ...matches },
    include: {
      _count: { select: { memberships: true } },
      memberships: {
        where: { role: 'owner' },
        orderBy: { joinedAt: 'asc' },
        take: OWNERS,
        include: { user: { select: { name: true } } },
      },
    },
    orderBy: { id: 'desc' },
    take: page.limit + 1,
  })
  const { rows, nextCursor } = pageOf(found, page.limit, (row) => row.id)
  const teams = await Promise.all(
    rows.map(
      async ({ _count, memberships, ...team }): Promise<AdminTeam> => ({
        team,
        members: _count.memberships,
        owners: memberships.map(({ user }) => user.name),
        apps: await db.client.app.count({ where: { deletedAt: null, environment: { project: { teamId: team.id } } } }),
        usage: await getTeamUsage(db, team.id),
      }),
    ),
  )
  return { rows: teams, nextCursor }
}

/** One team by its slug. Throws `not_found`. */
export async function findTeam(db: Database, slug: string): Promise<Team> {
  const team = await db.client.team.findUnique({ where: { slug } })
  if (!team) throw new AppError('not_found', `There is no team ${slug}.`)
  return team
}

/** What all teams were promised: null for resources of which some team has no quota. */
export async function sumQuotas(db: Database): Promise<ResourceLimits> {
  const counted = { limitCpuMillis: true, limitMemoryMiB: true, limitInstances: true } as const
  const { _sum, _count } = await db.client.team.aggregate({ _sum: counted, _count: { _all: true, ...counted } })
  const of = (column: keyof typeof counted) => (_count[column] === _count._all ? (_sum[column] ?? 0) : null)
  return { cpuMillis: of('limitCpuMillis'), memoryMiB: of('limitMemoryMiB'), instances: of('limitInstances') }
}

const withPlace = {
  app: { include: { environment: { include: { project: { include: { team: true } } } } } },
} as const

/** Builds of all teams that are queued or run, oldest first. */
export function listActiveBuilds(db: Database) {
  return db.client.build.findMany({
    where: { status: { in: ['queued', 'running'] } },
    include: withPlace,
    orderBy: { id: 'asc' },
    take: MAX_ACTIVE_BUILDS,
  })
}

export type ActiveBuild = Awaited<ReturnType<typeof listActiveBuilds>>[number]

/** How many builds run and wait. */
export async function countActiveBuilds(db: Database): Promise<{ running: number; queued: number }> {
  const groups = await db.client.build.groupBy({
    by: ['status'],
    where: { status: { in: ['queued', 'running'] } },
    _count: { _all: true },
  })
  const of = (status: Build['status']) => groups.find((each) => each.status === status)?._count._all ?? 0
  return { running: of('running'), queued: of('queued') }
}

/** An operator ends a build of any team. Throws as `cancelBuild`. */
export async function cancelBuildAsOperator(
  db: Database,
  input: {
    ref: { team: string; project: string; environment: string; app: string }
    number: number
    actor: Actor
    now: Date
  },
): Promise<void> {
  const { ref, number, actor, now } = input
  const { team, project, environment, app: slug } = ref
  const subject = `${team}/${project}/${environment}/${slug}`
  const app = await db.client.app.findFirst({
    where: {
      slug,
      deletedAt: null,
      environment: { slug: environment, project: { slug: project, team: { slug: team } } },
    },
    select: { id: true },
  })
  if (!app) throw new AppError('not_found', `There is no app ${subject}.`)
  const event = { actor, action: 'build.cancel', subject, summary: `Cancelled build ${number} of ${subject}.` }
  await cancelBuild(db, { appId: app.id, number, actor, now }, (tx) => writeOperatorEvent(tx, event))
}
