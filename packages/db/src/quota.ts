import {
  AppError,
  addResources,
  describeShortages,
  NO_RESOURCES,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  ROLLING_SURGE,
  shortagesOf,
} from '@slipway/domain'
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
export interface EnvironmentUsage {
  environmentId: string
  project: string
  environment: string
  kind: 'production' | 'staging' | 'preview'
  namespace: string
  limits: ResourceLimits
  /** At rest: what the current releases' processes ask for. */
  reserved: Resources
  /** On top, while releases roll out: their surge instances. */
  rolling: Resources
}

export interface TeamUsage {
  limits: ResourceLimits
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
  surgeCpu: number
  surgeMemory: number
  surgeInstances: number
}

/**
 * What the apps of a team hold, by environment. Only processes of current releases count: others do not run. A failed
 * release that is still current keeps its surge instance, so it counts as rolling. `withoutApp` leaves one app's surge out.
 */
async function readEnvironments(
  tx: Transaction,
  teamId: string,
  withoutApp: string | null,
): Promise<EnvironmentUsage[]> {
  const surges = Prisma.sql`r.status IN ('pending', 'rolling_out', 'failed') AND p.instances > 0
    AND a.id IS DISTINCT FROM ${withoutApp}::uuid`
  const rows = await tx.$queryRaw<UsageRow[]>`
    SELECT e.id, pr.slug AS project, e.slug AS environment, e.kind, e.namespace,
      e."limitCpuMillis", e."limitMemoryMiB", e."limitInstances",
      coalesce(sum(p.instances::float8 * p."cpuMillis"), 0) AS cpu,
      coalesce(sum(p.instances::float8 * p."memoryMiB"), 0) AS memory,
      coalesce(sum(p.instances::float8), 0) AS instances,
      coalesce(sum(p."cpuMillis"::float8) FILTER (WHERE ${surges}), 0) * ${ROLLING_SURGE}::int AS "surgeCpu",
      coalesce(sum(p."memoryMiB"::float8) FILTER (WHERE ${surges}), 0) * ${ROLLING_SURGE}::int AS "surgeMemory",
      (count(*) FILTER (WHERE ${surges}))::float8 * ${ROLLING_SURGE}::int AS "surgeInstances"
    FROM environments e
    JOIN projects pr ON pr.id = e."projectId"
    LEFT JOIN apps a ON a."environmentId" = e.id AND a."deletedAt" IS NULL
    LEFT JOIN releases r ON r."appId" = a.id AND r.number = a."currentReleaseNumber"
    LEFT JOIN LATERAL jsonb_to_recordset(r.processes) AS d(name text) ON true
    LEFT JOIN app_processes p ON p."appId" = a.id AND p.name = d.name
    WHERE pr."teamId" = ${teamId}::uuid AND e."deletedAt" IS NULL
    GROUP BY e.id, pr.slug
    ORDER BY pr.slug, e."createdAt", e.slug`
  return rows.map((row) => ({
    environmentId: row.id,
    project: row.project,
    environment: row.environment,
    kind: row.kind,
    namespace: row.namespace,
    limits: limitsOf(row),
    reserved: { cpuMillis: row.cpu, memoryMiB: row.memory, instances: row.instances },
    rolling: { cpuMillis: row.surgeCpu, memoryMiB: row.surgeMemory, instances: row.surgeInstances },
  }))
}

/** Limits and usage of a team. */
export async function readTeamUsage(
  tx: Transaction,
  teamId: string,
  withoutApp: string | null = null,
): Promise<TeamUsage> {
  const team = await tx.team.findUniqueOrThrow({ where: { id: teamId } })
  return { limits: limitsOf(team), environments: await readEnvironments(tx, teamId, withoutApp) }
}

/** What a team has given away: allocations, and what environments without one hold. */
export function committedOf(environments: readonly EnvironmentUsage[]): Resources {
  const sum = { ...NO_RESOURCES }
  for (const { limits, reserved, rolling } of environments) {
    for (const key of RESOURCE_KEYS) sum[key] += limits[key] ?? reserved[key] + rolling[key]
  }
  return sum
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
  appId: string
  /** What the change takes on top of what the app reserves now, surge included. Negative amounts give back. */
  needed: Resources
  /** Start of the refusal: "Scaling web to 5". */
  change: string
  /** Instances are replaced, so part of what is needed is surge; the refusal says so. */
  rolls: boolean
}

/** Throws `quota_exceeded`, with the numbers, unless the change fits the environment's allocation or what the team has left. Needs `lockTeam`. */
export async function admit(
  tx: Transaction,
  { teamId, environmentId, appId, needed, change, rolls }: Admission,
): Promise<void> {
  const team = await readTeamUsage(tx, teamId, appId)
  const own = team.environments.find((each) => each.environmentId === environmentId)
  if (!own) throw new AppError('not_found', 'The environment is being deleted.')
  const wanted = { ...needed }
  for (const key of RESOURCE_KEYS) wanted[key] = Math.max(0, needed[key])
  const inEnvironment = shortagesOf(wanted, addResources(own.reserved, own.rolling), own.limits)
  const hint = rolls ? SURGE_HINT : ''
  refuse(inEnvironment, change, `the allocation of ${own.project}/${own.environment}.${hint}`, 'environment')
  const fromTeam = { ...team.limits }
  // An allocation is the environment's already: the team's own limit binds only where there is none.
  for (const key of RESOURCE_KEYS) if (own.limits[key] !== null) fromTeam[key] = null
  refuse(shortagesOf(wanted, committedOf(team.environments), fromTeam), change, `the team's quota.${hint}`, 'team')
}

const SURGE_HINT = ' A rolling update briefly runs one instance more of each process.'

/** `where` is the end of the refusal's first sentence. Throws `quota_exceeded` with the numbers of the first shortage, when there is one. */
export function refuse(shortages: ReturnType<typeof shortagesOf>, change: string, where: string, level: string): void {
  const first = shortages[0]
  if (!first) return
  throw new AppError(
    'quota_exceeded',
    `${change} ${describeShortages(shortages)} in ${where} Scale something down, or ask an admin of the team for more.`,
    { level, resource: first.resource, needed: first.needed, left: first.left, limit: first.limit },
  )
}
