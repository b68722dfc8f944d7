import { firstScaleOf } from '@slipway/domain'
import { readSettings } from './app-settings.ts'
import type { Database } from './database.ts'
import { Prisma } from './generated/client.ts'
import { readProcesses, readScaleRules } from './processes.ts'
import type { CommandRow, WantedApp, WantedProcess, WantedRelease } from './wanted-app.ts'
import { type Json, PAGE, type ReleaseJson, type Row, readRows, type Scale } from './wanted-rows.ts'

/** Reads these apps, those that are being deleted too; one statement for 500 of them. Null: all there are. */
export async function readWantedApps(db: Database, ids: readonly string[] | null): Promise<WantedApp[]> {
  if (ids !== null) {
    const pages = Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, n) => ids.slice(n * PAGE, (n + 1) * PAGE))
    const read = await Promise.all(pages.map((page) => readRows(db, Prisma.sql`a.id = ANY(${[...page]}::uuid[])`)))
    return read.flat().map(wantedOf)
  }
  const all: WantedApp[] = []
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await readRows(db, Prisma.sql`a.id > ${after}::uuid`)
    all.push(...page.map(wantedOf))
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined) return all
    after = last.id
  }
}

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
