import {
  type AppRef,
  type BuildSettings,
  type BuildStatus,
  type EnvironmentKind,
  firstScaleOf,
  type GitHost,
  type ProcessDefinition,
  type ProcessScale,
  type ReleaseKind,
  type ReleaseStatus,
  type ScaleRule,
} from '@slipway/domain'
import { readSettings } from './app-settings.ts'
import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'
import { readProcesses, readScaleRules } from './processes.ts'

/** Releases and builds that an app's page begins with. */
const RECENT = 10
/** Rows of one statement: what it answers is held twice while it is parsed. */
const PAGE = 500

/** A release as lists show it; dates are RFC 3339. */
export interface ReleaseRow {
  number: number
  kind: ReleaseKind
  status: ReleaseStatus
  description: string
  message: string | null
  by: string
  createdAt: Date
  liveAt: Date | null
  image: string
  /** ProcessDefinition[] */
  processes: unknown
  /** ConfigChange[] */
  configChanges: unknown
  buildNumber: number | null
  commit: string | null
  rollbackOf: number | null
  originEnvironment: string | null
  originRelease: number | null
  command: CommandRow | null
}

/** The run of a release's own command. */
export interface CommandRow {
  id: string
  startedAt: Date | null
  endedAt: Date | null
  stopRequestedAt: Date | null
  exitCode: number | null
  failure: string | null
}

/** A build as lists show it. */
export interface BuildRow {
  id: string
  number: number
  status: BuildStatus
  trigger: 'push' | 'webhook' | 'manual'
  strategy: string | null
  commit: string
  branch: string
  message: string
  by: string
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  failure: string | null
  /** SlipwayFile of its source. */
  slipwayFile: unknown
  release: { number: number } | null
}

/** One process as it is wanted: how it starts is the release's, how much of it runs the app's. */
export interface WantedProcess extends ProcessDefinition, ProcessScale {
  /** Every instance is to have started later than this. */
  restartedAt: string | undefined
  /** Its schedule, and why the rule in force is not followed. */
  scaleRules: ScaleRule[]
  scaleProblem: string | null
}

/** The release that an app points at. */
export interface WantedRelease {
  number: number
  status: ReleaseStatus
  message: string | null
  image: string
  buildNumber: number | null
  liveAt: Date | null
  /** Built by the native builder, whose images have a user of their own. */
  isNative: boolean
  /** What it runs before it is deployed; null where it has no such command. */
  command: CommandRow | null
}

/** What the cluster said last and somebody wrote down: shown until it is observed anew. */
export interface StoredObservation {
  /** Health of the domain package. */
  health: unknown
  /** WhyView of the domain package. */
  why: unknown
  servingRelease: number | null
  generation: number
  /** What the API server refuses of the app's objects. */
  refusals: unknown
}

/** An app as its rows want it: all that reconciling, health and views read of the database, but for its config. */
export interface WantedApp {
  id: string
  ref: AppRef
  teamId: string
  environmentId: string
  environmentKind: EnvironmentKind
  namespace: string
  createdAt: Date
  /** Unwanted: what runs is taken down, then the row goes. */
  isDeleted: boolean
  sourceKind: 'git' | 'image'
  source: { host: GitHost; repositoryUrl: string; branch: string } | null
  settings: BuildSettings
  deployBranch: string | null
  /** Left part of the generated host. */
  hostPrefix: string
  /** Hosts that people chose and that are theirs, as they were added. */
  hostnames: string[]
  /** Hosts that are yet to be proven. */
  claims: { hostname: string; token: string; problem: string | null; checkedAt: Date | null }[]
  generation: number
  releaseCount: number
  /** Number of the release that is wanted; null when nothing is deployed. */
  release: number | null
  current: WantedRelease | null
  /** Of the current release. */
  processes: WantedProcess[]
  /**
   * The release that the cluster is to run: the current one once its command has succeeded, until then the newest before it that was
   * to be deployed; null when there is none.
   */
  deployed: (WantedRelease & { processes: WantedProcess[] }) | null
  /** The newest release before the current one that was live: where a rollback goes. */
  fallback: number | null
  /** Pods that are to be replaced. */
  restarts: string[]
  /** Newest first, at most ten. */
  releases: ReleaseRow[]
  builds: BuildRow[]
  stored: StoredObservation
}

/** Reads these apps, those that are being deleted too; one statement for 500 of them. Null: all there are. */
export async function readWantedApps(db: Database, ids: readonly string[] | null): Promise<WantedApp[]> {
  if (ids !== null) {
    const pages = Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, n) => ids.slice(n * PAGE, (n + 1) * PAGE))
    const read = await Promise.all(pages.map((page) => readPage(db, Prisma.sql`a.id = ANY(${[...page]}::uuid[])`)))
    return read.flat()
  }
  const all: WantedApp[] = []
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await readPage(db, Prisma.sql`a.id > ${after}::uuid`)
    all.push(...page)
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) return all
    after = last.id
  }
}

/** Rows as JSON has them: dates are text. */
type Json<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null ? string | null : T[K] }

interface Scale extends ProcessScale {
  name: string
  restartedAt: string | null
  scaleRules: unknown
  scaleProblem: string | null
}

type ReleaseJson = Omit<Json<WantedRelease>, 'command'> & { processes: unknown; command: Json<CommandRow> | null }

interface Row {
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

/** Prisma's own `take` inside of a list reads every release and build of every app, in a statement for each relation. */
async function readPage(db: Database, where: Prisma.Sql): Promise<WantedApp[]> {
  const rows = await db.client.$queryRaw<Row[]>`
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
  return rows.map(wantedOf)
}

/** The command of release `r` of app `a`. */
const COMMAND = Prisma.sql`(SELECT to_jsonb(c) FROM (
    SELECT x.id, x."startedAt", x."endedAt", x."stopRequestedAt", x."exitCode", x.failure FROM runs x
    WHERE x."appId" = a.id AND x.kind = 'release' AND x."releaseNumber" = r.number LIMIT 1) c) AS command`

/** The newest release of app `a` that is so. */
const releaseWhere = (condition: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT to_jsonb(one) FROM (
    SELECT r.number, r.status, r.message, r.image, r.processes, r."buildNumber", r."liveAt", ${COMMAND},
      coalesce((SELECT coalesce(b.strategy, 'native') = 'native' FROM builds b
        WHERE b."appId" = a.id AND b.number = r."buildNumber"), r."originNative", false) AS "isNative"
    FROM releases r WHERE r."appId" = a.id AND ${condition} ORDER BY r.number DESC LIMIT 1) one)`

const listOf = (rows: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT coalesce(jsonb_agg(to_jsonb(one)), '[]') FROM (${rows}) one)`

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text))

function wantedOf(row: Row): WantedApp {
  const { team, project, environment, slug, current, deployed, observedGeneration, servingReleaseNumber } = row
  return {
    id: row.id,
    ref: { team, project, environment, app: slug },
    teamId: row.teamId,
    environmentId: row.environmentId,
    environmentKind: row.environmentKind,
    namespace: row.namespace,
    createdAt: row.createdAt,
    isDeleted: row.isDeleted,
    sourceKind: row.sourceKind,
    source: row.source,
    settings: readSettings(row.buildSettings),
    deployBranch: row.deployBranch,
    hostPrefix: row.hostPrefix,
    hostnames: row.hostnames,
    claims: row.claims.map((claim) => ({ ...claim, checkedAt: dateOf(claim.checkedAt) })),
    generation: row.generation,
    releaseCount: row.releaseCount,
    release: row.currentReleaseNumber,
    current: current && releaseOf(current),
    deployed: deployed && { ...releaseOf(deployed), processes: processesOf(deployed.processes, row.scales) },
    processes: current === null ? [] : processesOf(current.processes, row.scales),
    fallback: row.fallback,
    restarts: row.restarts,
    releases: row.releases.map((each) => ({
      ...each,
      ...{ createdAt: new Date(each.createdAt), liveAt: dateOf(each.liveAt), command: commandOf(each.command) },
    })),
    builds: row.builds.map((each) => ({
      ...each,
      createdAt: new Date(each.createdAt),
      ...{ startedAt: dateOf(each.startedAt), finishedAt: dateOf(each.finishedAt) },
    })),
    stored: {
      ...{ health: row.health, why: row.why, refusals: row.refusals },
      ...{ servingRelease: servingReleaseNumber, generation: observedGeneration },
    },
  }
}

function releaseOf({ processes: _, ...release }: ReleaseJson): WantedRelease {
  return { ...release, liveAt: dateOf(release.liveAt), command: commandOf(release.command) }
}

function commandOf(command: Json<CommandRow> | null): CommandRow | null {
  if (command === null) return null
  const { startedAt, endedAt, stopRequestedAt } = command
  const dates = { startedAt: dateOf(startedAt), endedAt: dateOf(endedAt), stopRequestedAt: dateOf(stopRequestedAt) }
  return { ...command, ...dates }
}

/** Of a process that has no row. */
const UNSCALED = { restartedAt: null, scaleRules: [], scaleProblem: null }

/** The processes of a release row with the app's scale. */
export function processesOf(definitions: unknown, scales: readonly Scale[]): WantedProcess[] {
  return readProcesses(definitions).map((process) => {
    const scale = scales.find(({ name }) => name === process.name) ?? { ...firstScaleOf(process), ...UNSCALED }
    const scaleRules = readScaleRules(scale.scaleRules)
    return { ...process, ...scale, scaleRules, restartedAt: dateOf(scale.restartedAt)?.toISOString() }
  })
}
