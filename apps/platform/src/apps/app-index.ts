import type { WantedApp } from '@slipway/db'
import type { AppEntry } from './app-entry.ts'

/** Apps in one list at most; narrow it by team, project or environment to see others. */
const MAX_LISTED_APPS = 2_000

export interface AppFilter {
  team?: string
  project?: string
  environment?: string
}

/** Entries by id and by team. */
export class AppIndex {
  readonly #entries = new Map<string, AppEntry>()
  readonly #byTeam = new Map<string, Set<string>>()

  get size(): number {
    return this.#entries.size
  }

  get(id: string): AppEntry | undefined {
    return this.#entries.get(id)
  }

  /** As `get`, of apps that are not being deleted. */
  present(id: string): AppEntry | undefined {
    const entry = this.#entries.get(id)
    return entry?.wanted.isDeleted ? undefined : entry
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys()
  }

  add(entry: AppEntry): void {
    const { id, teamId } = entry.wanted
    this.#entries.set(id, entry)
    const team = this.#byTeam.get(teamId) ?? new Set()
    this.#byTeam.set(teamId, team.add(id))
  }

  remove(entry: AppEntry): void {
    const { id, teamId } = entry.wanted
    this.#entries.delete(id)
    const team = this.#byTeam.get(teamId)
    team?.delete(id)
    if (team?.size === 0) this.#byTeam.delete(teamId)
  }

  isListed(id: string, teamIds: ReadonlySet<string>, filter: AppFilter): boolean {
    const app = this.present(id)?.wanted
    return app !== undefined && teamIds.has(app.teamId) && matches(app, filter)
  }

  /** Ids by path. */
  list(teamIds: ReadonlySet<string>, filter: AppFilter): string[] {
    const found: { id: string; path: string }[] = []
    for (const teamId of teamIds) {
      for (const id of this.#byTeam.get(teamId) ?? []) {
        const app = this.present(id)?.wanted
        if (app === undefined || !matches(app, filter)) continue
        found.push({ id, path: `${app.ref.team}/${app.ref.project}/${app.ref.environment}/${app.ref.app}` })
      }
    }
    found.sort((a, b) => (a.path < b.path ? -1 : 1))
    return found.slice(0, MAX_LISTED_APPS).map(({ id }) => id)
  }
}

function matches({ ref }: WantedApp, { team, project, environment }: AppFilter): boolean {
  if (team !== undefined && ref.team !== team) return false
  if (project !== undefined && ref.project !== project) return false
  return environment === undefined || ref.environment === environment
}
