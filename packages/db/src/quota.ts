import {
  AppError,
  type BoundShortage,
  describeRefusal,
  type EnvironmentLoad,
  NO_RESOURCES,
  PROCESS_KINDS,
  type RefusalPlace,
  type ResourceLimits,
  type Resources,
  SURGING_STATUSES,
  shortagesIn,
  standingsOf,
  surgeInstances,
} from '@slipway/domain'
import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

export interface LimitColumns {
  limitCpuMillis: number | null
  limitMemoryMiB: number | null
  limitInstances: number | null
}

/** Limits of a row of teams or environments. */
function limitsOf(row: LimitColumns): ResourceLimits {
  return { cpuMillis: row.limitCpuMillis, memoryMiB: row.limitMemoryMiB, instances: row.limitInstances }
}

/** What an environment's apps hold. */
export interface EnvironmentUsage extends EnvironmentLoad {
  environmentId: string
  project: string
  environment: string
  kind: 'production' | 'staging' | 'preview'
  namespace: string
}

export interface TeamUsage {
  limits: ResourceLimits
  /** An operator set them. */
  byOperator: boolean
  environments: EnvironmentUsage[]
}

interface UsageRow extends LimitColumns {
  id: string
  project: string
  environment: string
  kind: EnvironmentUsage['kind']
  namespace: string
  cpu: number
  memory: number
  instances: number
  runCpu: number
  runMemory: number
  runs: number
  surgeCpu: number
  surgeMemory: number
  surgeInstances: number
}

/**
 * What the apps of a team hold, by environment: processes of current releases, others do not run, and commands that run once. A failed
 * release that is still current keeps its surge instance, so it counts as rolling. `withoutApp` leaves one app's surge out.
 */
async function readEnvironments(
  tx: Transaction,
  teamId: string,
  withoutApp: string | null,
): Promise<EnvironmentUsage[]> {
  const statuses = Prisma.join(SURGING_STATUSES.map((each) => Prisma.sql`${each}::"ReleaseStatus"`))
  const surges = Prisma.sql`r.status IN (${statuses}) AND p.instances > 0
    AND a.id IS DISTINCT FROM ${withoutApp}::uuid`
  const cases = PROCESS_KINDS.map((kind) => Prisma.sql`WHEN ${kind} THEN ${surgeInstances(kind)}::int`)
  const surge = Prisma.sql`CASE d.kind ${Prisma.join(cases, ' ')} ELSE 0 END`
  const rows = await tx.$queryRaw<UsageRow[]>`
    SELECT e.id, pr.slug AS project, e.slug AS environment, e.kind, e.namespace,
      e."limitCpuMillis", e."limitMemoryMiB", e."limitInstances",
      coalesce(sum(p.instances::float8 * p."cpuMillis"), 0) AS cpu,
      coalesce(sum(p.instances::float8 * p."memoryMiB"), 0) AS memory,
      coalesce(sum(p.instances::float8), 0) AS instances,
      o.cpu AS "runCpu", o.memory AS "runMemory", o.runs,
      coalesce(sum(p."cpuMillis"::float8 * ${surge}) FILTER (WHERE ${surges}), 0) AS "surgeCpu",
      coalesce(sum(p."memoryMiB"::float8 * ${surge}) FILTER (WHERE ${surges}), 0) AS "surgeMemory",
      coalesce(sum(${surge}) FILTER (WHERE ${surges}), 0)::float8 AS "surgeInstances"
    FROM environments e
    JOIN projects pr ON pr.id = e."projectId"
    LEFT JOIN apps a ON a."environmentId" = e.id AND a."deletedAt" IS NULL
    LEFT JOIN releases r ON r."appId" = a.id AND r.number = a."currentReleaseNumber"
    LEFT JOIN LATERAL jsonb_to_recordset(r.processes) AS d(name text, kind text) ON true
    LEFT JOIN app_processes p ON p."appId" = a.id AND p.name = d.name
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(x."cpuMillis"), 0)::float8 AS cpu, coalesce(sum(x."memoryMiB"), 0)::float8 AS memory,
        count(*)::float8 AS runs
      FROM runs x JOIN apps xa ON xa.id = x."appId"
      WHERE xa."environmentId" = e.id AND xa."deletedAt" IS NULL AND x."endedAt" IS NULL
    ) o
    WHERE pr."teamId" = ${teamId}::uuid AND e."deletedAt" IS NULL
    GROUP BY e.id, pr.slug, o.cpu, o.memory, o.runs
    ORDER BY pr.slug, e."createdAt", e.slug`
  return rows.map((row) => ({
    environmentId: row.id,
    project: row.project,
    environment: row.environment,
    kind: row.kind,
    namespace: row.namespace,
    limits: limitsOf(row),
    reserved: {
      cpuMillis: row.cpu + row.runCpu,
      memoryMiB: row.memory + row.runMemory,
      instances: row.instances + row.runs,
    },
    surge: { cpuMillis: row.surgeCpu, memoryMiB: row.surgeMemory, instances: row.surgeInstances },
  }))
}

/** Limits and usage of a team, outside of a transaction. */
export const getTeamUsage = ({ client }: Database, teamId: string): Promise<TeamUsage> => readTeamUsage(client, teamId)

/** Limits and usage of a team. */
export async function readTeamUsage(
  tx: Transaction,
  teamId: string,
  withoutApp: string | null = null,
): Promise<TeamUsage> {
  const team = await tx.team.findUniqueOrThrow({ where: { id: teamId } })
  const { quotaByOperator: byOperator } = team
  return { limits: limitsOf(team), byOperator, environments: await readEnvironments(tx, teamId, withoutApp) }
}

/**
 * Locks a team's quota until the transaction ends. Everything that reserves resources takes this lock first, then its app's
 * row, so that two changes never both get the last of it, and never wait for each other in a circle.
 */
export async function lockTeam(tx: Transaction, teamId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM teams WHERE id = ${teamId}::uuid FOR UPDATE`
}

export interface Admission {
  teamId: string
  environmentId: string
  /** Whose rollout the change replaces; null: none's. */
  appId: string | null
  /** What the change takes on top of what the app reserves now, surge included. Negative amounts give back. */
  needed: Resources
  /** Start of the refusal: "Scaling web to 5". */
  change: string
  /** Instances are replaced, so part of what is needed is surge; the refusal says so. */
  rolls: boolean
}

/** The limits that bind an environment: its own, and its team's. Null when it is going. */
async function readLimits(tx: Transaction, environmentId: string): Promise<Record<string, number | null> | null> {
  const [limits] = await tx.$queryRaw<Record<string, number | null>[]>`
    SELECT e."limitCpuMillis", e."limitMemoryMiB", e."limitInstances", t."limitCpuMillis" AS "teamCpuMillis",
      t."limitMemoryMiB" AS "teamMemoryMiB", t."limitInstances" AS "teamInstances"
    FROM environments e JOIN projects p ON p.id = e."projectId" JOIN teams t ON t.id = p."teamId"
    WHERE e.id = ${environmentId}::uuid AND e."deletedAt" IS NULL`
  return limits ?? null
}

/** Throws `quota_exceeded`, with the numbers, unless the change fits the environment's allocation or what the team has left. Needs `lockTeam`. */
export async function admit(
  tx: Transaction,
  { teamId, environmentId, appId, needed, change, rolls }: Admission,
): Promise<void> {
  const limits = await readLimits(tx, environmentId)
  if (limits === null) throw new AppError('not_found', 'The environment is being deleted.')
  // Counting costs what the team's apps are many, so it is not done where nothing binds.
  if (Object.values(limits).every((limit) => limit === null)) return
  const team = await readTeamUsage(tx, teamId, appId)
  const index = team.environments.findIndex((each) => each.environmentId === environmentId)
  const own = team.environments[index]
  const standing = standingsOf(team).environments[index]
  if (!own || !standing) throw new AppError('not_found', 'The environment is being deleted.')
  // The app's own surge is left out of what was read.
  refuse(shortagesIn(standing, needed, NO_RESOURCES), change, { ...own, byOperator: team.byOperator, rolls })
}

/** Throws `quota_exceeded` with the numbers, those of the first shortage as details, when there is one. */
export function refuse(shortages: readonly BoundShortage[], change: string, place: RefusalPlace): void {
  const first = shortages[0]
  if (!first) return
  const { level, resource, needed, left, limit } = first
  throw new AppError('quota_exceeded', `${change} ${describeRefusal(shortages, place)}`, {
    ...{ level, resource, needed, left, limit },
  })
}
