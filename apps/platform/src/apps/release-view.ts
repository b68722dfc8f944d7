import { type BuildRow, type CommandRow, type ReleaseRow, readProcesses } from '@slipway/db'
import {
  type AppView,
  BUILD_STRATEGIES,
  type BuildView,
  type ReleaseCommandView,
  type ReleaseView,
  releaseCommandStatus,
  slipwayFileSchema,
} from '@slipway/domain'
import { z } from 'zod'

const changesSchema = z.array(z.object({ key: z.string(), change: z.enum(['added', 'changed', 'removed']) }))

const strategySchema = z.enum(BUILD_STRATEGIES)

export function releaseView(row: ReleaseRow): ReleaseView {
  return {
    number: row.number,
    kind: row.kind,
    status: row.status,
    description: row.description,
    message: row.message,
    by: row.by,
    at: row.createdAt.toISOString(),
    liveAt: row.liveAt?.toISOString() ?? null,
    image: row.image,
    build: row.buildNumber,
    commit: row.commit,
    rollbackOf: row.rollbackOf,
    promotedFrom:
      row.originEnvironment === null || row.originRelease === null
        ? null
        : { environment: row.originEnvironment, release: row.originRelease },
    processes: readProcesses(row.processes).map(({ name }) => name),
    configChanges: changesSchema.parse(row.configChanges),
    command: row.command && releaseCommandView(row.command),
  }
}

export function releaseCommandView(row: Omit<CommandRow, 'id'>): ReleaseCommandView {
  return {
    status: releaseCommandStatus(row),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    exitCode: row.exitCode,
    failure: row.failure,
  }
}

export function buildView(
  row: Omit<BuildRow, 'id' | 'slipwayFile' | 'release'> & { release?: { number: number } | null },
): BuildView {
  return {
    number: row.number,
    status: row.status,
    trigger: row.trigger,
    strategy: strategySchema.safeParse(row.strategy).data ?? null,
    commit: row.commit,
    branch: row.branch,
    message: row.message,
    by: row.by,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    failure: row.failure,
    release: row.release?.number ?? null,
  }
}

/** What slipway.yaml said in this build; null where there was none. */
export function slipwayFileOf(build: BuildRow | undefined): AppView['slipwayFile'] {
  const file = slipwayFileSchema.safeParse(build?.slipwayFile)
  return build && file.success ? { build: build.number, commit: build.commit, file: file.data } : null
}
