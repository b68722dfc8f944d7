import type { EnvironmentKind, ProcessScale } from '@slipway/domain'
import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { BuildRow, CommandRow, ReleaseRow, WantedApp, WantedRelease } from './wanted-app.ts'

/** Releases and builds that an app's page begins with. */
const RECENT = 10
/** Apps of one statement: what it answers is held twice while it is parsed. */
export const PAGE = 500

/** Rows as JSON has them: dates are text. */
export type Json<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] }

export interface Scale extends ProcessScale {
  name: string
  restartedAt: string | null
  scaleRules: unknown
  scaleProblem: string | null
}

export type ReleaseJson = Omit<Json<WantedRelease>, 'command'> & {
  processes: unknown
  command: Json<CommandRow> | null
}

/** One app as the statement answers it. */
export interface Row {
  id: string
  slug: string
  environmentId: string
  environment: string
  environmentKind: EnvironmentKind
  namespace: string
  project: string
  team: string
  teamId: string
  createdAt: Date
  isDeleted: boolean
  sourceKind: 'git' | 'image'
  source: WantedApp['source']
  buildSettings: unknown
  deployBranch: string | null
  hostPrefix: string
  hostnames: string[]
  claims: Json<WantedApp['claims'][number]>[]
  generation: number
  releaseCount: number
  currentReleaseNumber: number | null
  current: ReleaseJson | null
  deployed: ReleaseJson | null
  scales: Scale[]
  fallback: number | null
  restarts: string[]
  releases: (Omit<Json<ReleaseRow>, 'command'> & { command: Json<CommandRow> | null })[]
  builds: Json<BuildRow>[]
  observedGeneration: number
  servingReleaseNumber: number | null
  health: unknown
  why: unknown
  refusals: unknown
}

/**
 * Apps by their id, at most a page of them, in one statement: Prisma's own `take` inside of a list reads every release and build of every
 * app, in a statement for each relation.
 */
export function readRows(db: Database, where: Prisma.Sql): Promise<Row[]> {
  return db.client.$queryRaw<Row[]>`
    SELECT a.id, a.slug, a."environmentId", a."createdAt", a."deletedAt" IS NOT NULL AS "isDeleted",
      a."sourceKind"::text AS "sourceKind", a."buildSettings", a."deployBranch", a."hostPrefix",
      a.generation, a."observedGeneration", a."releaseCount", a."currentReleaseNumber", a."servingReleaseNumber",
      a.health, a.why, a.refusals,
      e.slug AS environment, e.kind::text AS "environmentKind", e.namespace, p.slug AS project, t.slug AS team, t.id AS "teamId",
      ARRAY(SELECT d.hostname FROM domains d WHERE d."appId" = a.id ORDER BY d."createdAt") AS hostnames,
      ARRAY(SELECT i.instance FROM instance_restarts i WHERE i."appId" = a.id) AS restarts,
      (SELECT jsonb_build_object('host', g.host, 'repositoryUrl', g."repositoryUrl", 'branch', g.branch)
        FROM git_sources g WHERE g."appId" = a.id) AS source,
      ${listOf(Prisma.sql`SELECT c.hostname, c.token, c.problem, c."checkedAt"
        FROM domain_claims c WHERE c."appId" = a.id ORDER BY c."createdAt"`)} AS claims,
      ${listOf(Prisma.sql`SELECT s.name, s.instances, s."cpuMillis", s."memoryMiB", s."restartedAt",
          s."scaleRules", s."scaleProblem"
        FROM app_processes s WHERE s."appId" = a.id`)} AS scales,
      ${releaseWhere(Prisma.sql`r.number = a."currentReleaseNumber"`)} AS current,
      ${releaseWhere(Prisma.sql`r.number <= a."currentReleaseNumber"
        AND (r.number = a."currentReleaseNumber" OR r.status <> 'cancelled')
        AND NOT EXISTS (SELECT 1 FROM runs x WHERE x."appId" = a.id AND x.kind = 'release'
          AND x."releaseNumber" = r.number AND x."exitCode" IS DISTINCT FROM 0)`)} AS deployed,
      (SELECT max(r.number) FROM releases r
        WHERE r."appId" = a.id AND r.number < a."currentReleaseNumber" AND r."liveAt" IS NOT NULL) AS fallback,
      ${listOf(Prisma.sql`SELECT r.number, r.kind, r.status, r.description, r.message, r.by, r."createdAt", r."liveAt", r.image,
          r.processes, r."configChanges", r."buildNumber", r.commit, r."rollbackOf", r."originEnvironment", r."originRelease",
          ${COMMAND}
        FROM releases r WHERE r."appId" = a.id ORDER BY r.number DESC LIMIT ${RECENT}`)} AS releases,
      ${listOf(Prisma.sql`SELECT b.id, b.number, b.status, b.trigger, b.strategy, b.commit, b.branch, b.message, b.by,
          b."createdAt", b."startedAt", b."finishedAt", b.failure, b."slipwayFile",
          (SELECT jsonb_build_object('number', r.number) FROM releases r WHERE r."buildId" = b.id) AS release
        FROM builds b WHERE b."appId" = a.id ORDER BY b.number DESC LIMIT ${RECENT}`)} AS builds
    FROM apps a
    JOIN environments e ON e.id = a."environmentId"
    JOIN projects p ON p.id = e."projectId"
    JOIN teams t ON t.id = p."teamId"
    WHERE ${where}
    ORDER BY a.id
    LIMIT ${PAGE}`
}

/** The command of release `r` of app `a`. */
const COMMAND = Prisma.sql`(SELECT to_jsonb(c) FROM (
    SELECT x.id, x."startedAt", x."endedAt", x."stopRequestedAt", x."exitCode", x.failure FROM runs x
    WHERE x."appId" = a.id AND x.kind = 'release' AND x."releaseNumber" = r.number LIMIT 1) c) AS command`

/** The newest release of app `a` for which the condition holds. */
const releaseWhere = (condition: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT to_jsonb(one) FROM (
    SELECT r.number, r.status, r.message, r.image, r.processes, r."buildNumber", r."liveAt", ${COMMAND},
      coalesce((SELECT coalesce(b.strategy, 'native') = 'native' FROM builds b
        WHERE b."appId" = a.id AND b.number = r."buildNumber"), r."originNative", false) AS "isNative"
    FROM releases r WHERE r."appId" = a.id AND ${condition} ORDER BY r.number DESC LIMIT 1) one)`

const listOf = (rows: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT coalesce(jsonb_agg(to_jsonb(one)), '[]') FROM (${rows}) one)`
