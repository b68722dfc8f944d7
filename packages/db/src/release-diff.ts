import type { ConfigDifference, ConfigValues } from '@slipway/domain'
import { type Config, configChanges, readReleaseConfig } from './config-vars.ts'
import type { Database } from './database.ts'
import type { Release } from './generated/client.ts'
import { isNativeRelease } from './release-origin.ts'
import { getRelease } from './releases.ts'
import type { WantedApp } from './wanted-app.ts'
import { processesOf } from './wanted-apps.ts'

type WithConfig = Pick<Release, 'appId' | 'number' | 'configCiphertext'>

const valueIn = (config: Config, key: string): string | null =>
  Object.hasOwn(config, key) ? (config[key] ?? null) : null

/** The config vars that differ between two releases, with their values in clear. */
export function diffConfig(db: Database, from: WithConfig, to: WithConfig): (ConfigDifference & ConfigValues)[] {
  const [old, next] = [readReleaseConfig(db, from), readReleaseConfig(db, to)]
  return configChanges(old, next).map(({ key, change }) => {
    const [before, after] = [valueIn(old, key), valueIn(next, key)]
    const lengths = { beforeLength: before?.length ?? null, afterLength: after?.length ?? null }
    return { key, change, ...lengths, before, after }
  })
}

/** The app as though it pointed at this release, with its present scale. Throws `not_found`. */
export async function wantedAtRelease(db: Database, app: WantedApp, number: number): Promise<WantedApp> {
  const release = await getRelease(db, app.id, number)
  const { status, message, image, buildNumber, liveAt } = release
  const isNative = await isNativeRelease(db.client, release)
  const scales = await db.client.appProcess.findMany({ where: { appId: app.id } })
  const current = { number, status, message, image, buildNumber, liveAt, isNative, command: null }
  const processes = processesOf(
    release.processes,
    scales.map((each) => ({ ...each, restartedAt: each.restartedAt?.toISOString() ?? null })),
  )
  return { ...app, release: number, current, processes, deployed: { ...current, processes } }
}

/** Ids of the app and of those of its name in other environments of its project: each keeps commits of its own. */
export async function listSiblingIds(db: Database, appId: string): Promise<string[]> {
  const rows = await db.client.$queryRaw<{ id: string }[]>`
    SELECT sibling.id FROM apps a
    JOIN environments e ON e.id = a."environmentId"
    JOIN environments other ON other."projectId" = e."projectId"
    JOIN apps sibling ON sibling."environmentId" = other.id AND sibling.slug = a.slug
    WHERE a.id = ${appId}::uuid
    ORDER BY sibling.id <> a.id, sibling.id
    LIMIT 50`
  return rows.map(({ id }) => id)
}
