import {
  addResources,
  describeShortages,
  formatAmount,
  NO_RESOURCES,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  type Shortage,
} from './quota.ts'

/** What one environment's apps hold, and its allocation out of the team's quota. */
export interface EnvironmentLoad {
  /** The allocation; null draws on what the team has left. */
  limits: ResourceLimits
  /** What the instances of current releases request, and commands that run once. */
  reserved: Resources
  /** On top of that while releases roll out: their extra instances. */
  surge: Resources
}

export interface TeamLoad {
  limits: ResourceLimits
  environments: readonly EnvironmentLoad[]
}

/** What binds one resource: the environment's allocation, the team's quota, or nothing. */
export interface Bound {
  level: 'environment' | 'team' | null
  limit: number | null
  /** What counts against the limit. */
  taken: number
  /** Never negative; null where nothing binds. */
  free: number | null
}

/** How a team or an environment stands: the numbers that the gauge, the pre-flight and a refusal show. */
export interface Standing extends EnvironmentLoad {
  /** Set aside by allocations, used or not. */
  allotted: Resources
  bounds: Readonly<Record<keyof Resources, Bound>>
}

function perResource<T>(of: (key: keyof Resources) => T): Record<keyof Resources, T> {
  return { cpuMillis: of('cpuMillis'), memoryMiB: of('memoryMiB'), instances: of('instances') }
}

/** What an environment takes out of the team's quota: its allocation, or what it holds where it has none. */
function takenBy({ limits, reserved, surge }: EnvironmentLoad): Resources {
  return perResource((key) => limits[key] ?? reserved[key] + surge[key])
}

function bound(level: 'environment' | 'team', limit: number | null, taken: number): Bound {
  if (limit === null) return { level: null, limit, taken, free: null }
  return { level, limit, taken, free: Math.max(0, limit - taken) }
}

/** The one computation of quotas. Where an environment has an allocation, that binds it; elsewhere the team's quota does. */
export function standingsOf({ limits, environments }: TeamLoad): { team: Standing; environments: Standing[] } {
  const taken = addResources(...environments.map(takenBy))
  const teamBounds = perResource((key) => bound('team', limits[key], taken[key]))
  const allotted = (load: EnvironmentLoad) => perResource((key) => load.limits[key] ?? 0)
  return {
    team: {
      limits,
      reserved: addResources(...environments.map(({ reserved }) => reserved)),
      surge: addResources(...environments.map(({ surge }) => surge)),
      allotted: addResources(...environments.map(allotted)),
      bounds: teamBounds,
    },
    environments: environments.map((load) => ({
      limits: load.limits,
      reserved: load.reserved,
      surge: load.surge,
      allotted: allotted(load),
      bounds: perResource((key) =>
        load.limits[key] === null
          ? teamBounds[key]
          : bound('environment', load.limits[key], load.reserved[key] + load.surge[key]),
      ),
    })),
  }
}

/** A shortage, and whose limit it is. */
export interface BoundShortage extends Shortage {
  level: 'environment' | 'team'
}

/**
 * What does not fit when a change takes `needed` on top in an environment; empty when all fits. `ownSurge` is what the changed app
 * holds for a rollout of its own, which the change replaces. Shortages of the environment's own allocation come first.
 */
export function shortagesIn({ bounds }: Standing, needed: Resources, ownSurge: Resources): BoundShortage[] {
  const found = RESOURCE_KEYS.flatMap((resource): BoundShortage[] => {
    const { level, limit, taken } = bounds[resource]
    if (level === null || limit === null || needed[resource] <= 0) return []
    const left = Math.max(0, limit - (taken - ownSurge[resource]))
    return needed[resource] > left ? [{ level, resource, needed: needed[resource], left, limit }] : []
  })
  const of = (level: Bound['level']) => found.filter((each) => each.level === level)
  return [...of('environment'), ...of('team')]
}

/** What the team lacks for giving an environment this allocation; empty when all fits. */
export function allocationShortages(team: TeamLoad, own: EnvironmentLoad, limits: ResourceLimits): BoundShortage[] {
  const rest = { ...team, environments: team.environments.filter((each) => each !== own) }
  return shortagesIn(standingsOf(rest).team, takenBy({ ...own, limits }), NO_RESOURCES)
}

/** What counts against a standing's limits. */
export function takenOf({ bounds }: Standing): Resources {
  return perResource((key) => bounds[key].taken)
}

/**
 * Why limits cannot be set, null when they can: below what is held, pods that die would not come back. `held` is what a team has
 * given away, or what an environment's apps hold.
 */
export function describeTooLow(what: 'team' | 'environment', limits: ResourceLimits, held: Resources): string | null {
  const numbers = RESOURCE_KEYS.flatMap((key) => {
    const limit = limits[key]
    return limit === null || held[key] <= limit ? [] : [`${formatAmount(key, held[key])}, limit ${limit}`]
  })
  if (numbers.length === 0) return null
  return `The ${what} already holds more than this: ${numbers.join('; ')}. Lower that first, or choose a higher limit.`
}

const SURGE_HINT = ' A rolling update briefly runs one extra instance of each process.'

/** Whose numbers a refusal names, and whom to ask. */
export interface RefusalPlace {
  project: string
  environment: string
  /** True where an operator set the team's quota, so that no admin of the team can raise it. */
  byOperator: boolean
  /** Part of what is needed is surge: instances are replaced. */
  rolls: boolean
}

/**
 * Why a change does not fit, with the numbers, and what to do: the end of a refusal that begins with the change, and what a dialog
 * says before anybody tries. "needs 400m CPU, 300m CPU left of 400m CPU in the team's quota. …"
 */
export function describeRefusal(shortages: readonly BoundShortage[], place: RefusalPlace): string {
  const at = (level: 'environment' | 'team', where: string) => {
    const here = shortages.filter((each) => each.level === level)
    return here.length === 0 ? [] : [`${describeShortages(here)} in ${where}`]
  }
  const clauses = [
    ...at('environment', `the allocation of ${place.project}/${place.environment}`),
    ...at('team', "the team's quota"),
  ]
  const byOperator = place.byOperator && !shortages.some(({ level }) => level === 'environment')
  const who = byOperator ? 'an operator of this installation' : 'an admin of the team'
  return `${clauses.join('; ')}.${place.rolls ? SURGE_HINT : ''} Scale something down, or ask ${who} for more.`
}
