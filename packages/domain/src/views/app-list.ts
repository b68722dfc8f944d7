import type { AppRef } from '../refs.ts'
import type { AppSummary } from './app.ts'

/** What a stream of a list sends: the whole list first, then only what changed of it. */
export interface AppListChange {
  /** `changed` is the whole list; what was known before is void. */
  reset: boolean
  /** Apps that are new or show something new. */
  changed: AppSummary[]
  /** Apps that left the list. */
  removed: AppRef[]
}

const pathOf = ({ team, project, environment, app }: AppRef) => `${team}/${project}/${environment}/${app}`

/** The list after a change, by path. Apps that did not change stay the same objects. */
export function applyAppListChange(list: readonly AppSummary[], change: AppListChange): AppSummary[] {
  const apps = new Map(change.reset ? [] : list.map((each) => [pathOf(each.ref), each]))
  for (const each of change.changed) apps.set(pathOf(each.ref), each)
  for (const ref of change.removed) apps.delete(pathOf(ref))
  return [...apps].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}
