import { type AppSummary, HEALTH_STATUSES, stateWord } from '@slipway/domain'

export const SORT_KEYS = ['name', 'status', 'project', 'environment', 'instances', 'release', 'deployed'] as const
export type SortKey = (typeof SORT_KEYS)[number]
export const GROUPINGS = ['cause', 'project', 'none'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Filter, grouping and order of the list. The address holds all of it; a saved filter gives it a name. */
export interface ListView {
  /** Words that all have to occur. */
  query: string
  attention: boolean
  sort: SortKey
  descending: boolean
  group: Grouping
}

const isOneOf = <T extends string>(values: readonly T[], text: string | null): text is T =>
  values.some((value) => value === text)

/** Reads a list's address; what it does not know stands for the default. */
export function readView(params: URLSearchParams): ListView {
  const sort = params.get('sort') ?? ''
  const key = sort.replace(/^-/, '')
  const group = params.get('group')
  return {
    query: params.get('q') ?? '',
    attention: params.get('show') === 'attention',
    sort: isOneOf(SORT_KEYS, key) ? key : 'name',
    descending: isOneOf(SORT_KEYS, key) && sort.startsWith('-'),
    group: isOneOf(GROUPINGS, group) ? group : 'cause',
  }
}

/** The address of a view, without what is the default; views that look the same have the same one. */
export function writeView({ query, attention, sort, descending, group }: ListView): string {
  const params = new URLSearchParams()
  if (query.trim()) params.set('q', query.trim())
  if (attention) params.set('show', 'attention')
  if (sort !== 'name' || descending) params.set('sort', `${descending ? '-' : ''}${sort}`)
  if (group !== 'cause') params.set('group', group)
  return params.toString()
}

export const keyOf = ({ ref }: AppSummary) => `${ref.team}/${ref.project}/${ref.environment}/${ref.app}`

/** True when somebody should look at the app: it is broken, or its last deploy failed. */
export function needsAttention(app: AppSummary): boolean {
  return app.health.status === 'Degraded' || app.lastRelease?.status === 'failed'
}

function matches(app: AppSummary, words: readonly string[]): boolean {
  const text = `${keyOf(app)} ${app.health.status} ${stateWord(app.health.state)} ${app.cause ?? ''}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

/** What the filter leaves. */
export function filterApps(apps: readonly AppSummary[], { query, attention }: ListView): AppSummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return apps.filter((app) => (!attention || needsAttention(app)) && matches(app, words))
}

/** Numbers go by size, text by the alphabet with its figures by size: web-2 before web-10. */
const byText = new Intl.Collator('en', { numeric: true })
type Value = string | number
const compare = (a: Value, b: Value) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : byText.compare(String(a), String(b))

/** What a column sorts by. Of what was never released nothing is known: it stands at the old end. */
const VALUES: Record<SortKey, (app: AppSummary) => Value> = {
  name: ({ ref }) => ref.app,
  // Worst first: the order of the statuses has the worst last.
  status: ({ health }) => -HEALTH_STATUSES.indexOf(health.status),
  project: ({ ref }) => `${ref.team}/${ref.project}`,
  environment: ({ ref }) => ref.environment,
  instances: ({ instances }) => instances.wanted,
  release: ({ lastRelease }) => lastRelease?.by ?? '',
  deployed: ({ lastRelease }) => (lastRelease ? Date.parse(lastRelease.at) : 0),
}

/** Sorted by the view's column; equal ones by their path. */
export function sortApps(apps: readonly AppSummary[], { sort, descending }: ListView): AppSummary[] {
  const value = VALUES[sort]
  const sign = descending ? -1 : 1
  return apps.toSorted((a, b) => sign * compare(value(a), value(b)) || byText.compare(keyOf(a), keyOf(b)))
}

export interface AppGroup {
  key: string
  /** Null where the group is all there is. */
  title: string | null
  /** They fail for one reason, which is the title. */
  failing: boolean
  apps: AppSummary[]
}

/** The reason that an app shares with others. */
function causeOf({ health, cause }: AppSummary): string {
  return health.status === 'Degraded' ? (cause ?? health.message) : 'The last release failed.'
}

function byCause(apps: readonly AppSummary[]): AppGroup[] {
  const causes = [...Map.groupBy(apps.filter(needsAttention), causeOf)].map(([cause, list]) => ({
    ...{ key: `cause:${cause}`, title: cause, failing: true, apps: list },
  }))
  causes.sort((a, b) => b.apps.length - a.apps.length || byText.compare(a.title, b.title))
  const calm = apps.filter((app) => !needsAttention(app))
  const title = causes.length > 0 ? 'Other apps' : null
  return calm.length > 0 ? [...causes, { key: 'calm', title, failing: false, apps: calm }] : causes
}

/** The groups of a filtered list, in their order; each one sorted. `nameOf`: of a team. */
export function arrange(
  apps: readonly AppSummary[],
  view: ListView,
  nameOf: (team: string) => string = (team) => team,
): AppGroup[] {
  const sorted = sortApps(apps, view)
  switch (view.group) {
    case 'cause':
      return byCause(sorted)
    case 'none':
      return sorted.length > 0 ? [{ key: 'all', title: null, failing: false, apps: sorted }] : []
    case 'project':
      return [...Map.groupBy(sorted, ({ ref }) => `${ref.team}/${ref.project}`)]
        .map(([key, list]) => {
          const [team = '', project] = key.split('/')
          return { key, title: `${nameOf(team)} / ${project}`, failing: false, apps: list }
        })
        .sort((a, b) => byText.compare(a.key, b.key))
  }
}
