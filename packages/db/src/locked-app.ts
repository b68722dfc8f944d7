import { AppError, type AppRef, appPath } from '@slipway/domain'
import type { Database } from './database.ts'
import type { App, AppProcess, Release } from './generated/client.ts'
import type { Transaction } from './transaction.ts'

/** An app whose row is locked, with where it stands and what runs. */
export interface LockedApp {
  row: Pick<
    App,
    | 'id'
    | 'slug'
    | 'environmentId'
    | 'buildSettings'
    | 'deployBranch'
    | 'releaseCount'
    | 'buildCount'
    | 'currentReleaseNumber'
  > & {
    /** By name. */
    processes: Pick<AppProcess, 'name' | 'instances' | 'cpuMillis' | 'memoryMiB' | 'options'>[]
    currentRelease: Pick<
      Release,
      | 'appId'
      | 'number'
      | 'status'
      | 'image'
      | 'processes'
      | 'configCiphertext'
      | 'environment'
      | 'buildNumber'
      | 'commit'
      | 'originEnvironment'
      | 'originRelease'
      | 'originNative'
    > | null
  }
  teamId: string
  ref: AppRef
  /** `team/project/environment/app` */
  subject: string
}

type Row = LockedApp['row'] & { teamId: string; team: string; project: string; environment: string }

/**
 * Locks the team's quota, then the app, and reads it: three statements, each of which sees what the one before waited for. Throws
 * `not_found` when the app is gone or going.
 */
export async function lockApp(tx: Transaction, appId: string): Promise<LockedApp> {
  await tx.$queryRaw`
    SELECT 1 FROM teams t JOIN projects p ON p."teamId" = t.id JOIN environments e ON e."projectId" = p.id
      JOIN apps a ON a."environmentId" = e.id
    WHERE a.id = ${appId}::uuid FOR UPDATE OF t`
  await tx.$queryRaw`SELECT 1 FROM apps WHERE id = ${appId}::uuid FOR UPDATE`
  const [found] = await tx.$queryRaw<Row[]>`
    SELECT a.id, a.slug, a."environmentId", a."buildSettings", a."deployBranch", a."releaseCount", a."buildCount",
      a."currentReleaseNumber", t.id AS "teamId", t.slug AS team, p.slug AS project, e.slug AS environment,
      (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.name), '[]') FROM app_processes s WHERE s."appId" = a.id) AS processes,
      (SELECT to_jsonb(r) FROM (SELECT "appId", number, status, image, processes, "configCiphertext", environment,
          "buildNumber", commit, "originEnvironment", "originRelease", "originNative"
        FROM releases WHERE "appId" = a.id AND number = a."currentReleaseNumber") r) AS "currentRelease"
    FROM apps a JOIN environments e ON e.id = a."environmentId" JOIN projects p ON p.id = e."projectId"
      JOIN teams t ON t.id = p."teamId"
    WHERE a.id = ${appId}::uuid AND a."deletedAt" IS NULL`
  if (found === undefined) throw new AppError('not_found', 'This app has been deleted.')
  const { teamId, team, project, environment, ...row } = found
  const ref = { team, project, environment, app: row.slug }
  return { row, teamId, ref, subject: appPath(ref) }
}

/** Runs `work` in a transaction that holds the app. Whatever fails in it leaves nothing behind. */
export function withLockedApp<T>(
  db: Database,
  appId: string,
  work: (tx: Transaction, app: LockedApp) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => work(tx, await lockApp(tx, appId)))
}
