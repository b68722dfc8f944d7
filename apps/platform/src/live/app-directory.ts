import type { Database } from '@slipway/db'
import { type AppKey, appKeyOf } from './informers.ts'

/**
 * Which app row an object's labels mean: `<namespace>/<app>` → id, both ways. Filled from the database at every (re)connect of
 * the listener and kept current by notifications; it holds one small entry for each app.
 */
export interface AppDirectory {
  idOf(key: AppKey): string | undefined
  keyOf(id: string): AppKey | undefined
  /** Id of the team whose app it is. */
  teamOf(id: string): string | undefined
  /** Of all apps. */
  ids(): string[]
  /** Reads all rows again. */
  refresh(): Promise<void>
  /** Reads one row again. */
  refreshApp(id: string): Promise<void>
  readonly size: number
}

export function createAppDirectory(db: Database): AppDirectory {
  let ids = new Map<AppKey, string>()
  let keys = new Map<string, AppKey>()
  let teams = new Map<string, string>()
  const environment = { select: { namespace: true, project: { select: { teamId: true } } } } as const
  const select = { id: true, slug: true, environment } as const
  return {
    idOf: (key) => ids.get(key),
    keyOf: (id) => keys.get(id),
    teamOf: (id) => teams.get(id),
    ids: () => [...keys.keys()],
    async refresh() {
      const rows = await db.client.app.findMany({ select })
      const entries = rows.map(({ id, slug, environment }) => [appKeyOf(environment.namespace, slug), id] as const)
      ids = new Map(entries)
      keys = new Map(entries.map(([key, id]) => [id, key]))
      teams = new Map(rows.map(({ id, environment: { project } }) => [id, project.teamId]))
    },
    async refreshApp(id) {
      const row = await db.client.app.findUnique({ where: { id }, select })
      const old = keys.get(id)
      if (row === null) {
        keys.delete(id)
        teams.delete(id)
        if (old !== undefined && ids.get(old) === id) ids.delete(old)
        return
      }
      const key = appKeyOf(row.environment.namespace, row.slug)
      ids.set(key, id)
      keys.set(id, key)
      teams.set(id, row.environment.project.teamId)
    },
    get size() {
      return ids.size
    },
  }
}
