import { DEFAULT_SCALE, isResized, neededForRelease, neededForScale, surgeHeld } from './needs.ts'
import type { ProcessScale } from './process.ts'
import { defaultKindOf } from './process-kind.ts'
import { addResources, formatAmount, NO_RESOURCES, RESOURCE_KEYS, type Resources } from './quota.ts'
import type { Size } from './sizes.ts'
import { describeRefusal, shortagesIn } from './standing.ts'
import type { AppView, ProcessView } from './views/app.ts'
import type { CapacityView, QuotaView } from './views/team.ts'

/** What a change takes, before anybody tries it. */
export interface PlannedChange {
  /** On top of what the app reserves now, surge included. */
  needed: Resources
  /** What the app holds for a rollout of its own, which the change replaces. */
  ownSurge: Resources
  /** Instances are replaced. */
  rolls: boolean
}

export interface Foreseen {
  /** Why the platform would refuse it, in the words of the refusal; null when it would not. */
  refusal: string | null
  /** What nodes cannot hold at the moment, in a sentence: it is admitted, and waits. Null when all fits, or nothing is known. */
  waits: string | null
}

type PlannedApp = Pick<AppView, 'processes' | 'recentReleases' | 'currentRelease'>

const scalesOf = (processes: readonly ProcessView[]) =>
  new Map(processes.map(({ name, instances, cpuMillis, memoryMiB }) => [name, { instances, cpuMillis, memoryMiB }]))

function ownSurgeOf({ processes, recentReleases, currentRelease }: PlannedApp): Resources {
  return surgeHeld(recentReleases.find(({ number }) => number === currentRelease)?.status ?? null, processes)
}

/** A change of scale; `draft` has the processes that change. */
export function planScale(app: PlannedApp, draft: Readonly<Record<string, ProcessScale>>): PlannedChange {
  const changed = app.processes.flatMap((before) => {
    const after = draft[before.name]
    return after ? [{ needed: neededForScale(before.kind, before, after), resized: isResized(before, after) }] : []
  })
  return {
    needed: addResources(...changed.map(({ needed }) => needed)),
    ownSurge: ownSurgeOf(app),
    rolls: changed.some(({ resized }) => resized),
  }
}

/**
 * A new release with these processes; not given: with those that the app has. Of an app without any, its first web process, which may be
 * given a size.
 */
export function planRelease(app: PlannedApp | null, names?: readonly string[], first?: Size): PlannedChange {
  const before = app?.processes ?? []
  const kinds = new Map(before.map(({ name, kind }) => [name, kind]))
  const after = names ?? (before.length > 0 ? before.map(({ name }) => name) : ['web'])
  return {
    needed: neededForRelease(
      before,
      after.map((name) => ({ name, kind: kinds.get(name) ?? defaultKindOf(name) })),
      before.length === 0 && first ? new Map([['web', { ...DEFAULT_SCALE, ...first }]]) : scalesOf(before),
    ),
    ownSurge: app ? ownSurgeOf(app) : NO_RESOURCES,
    rolls: before.length > 0,
  }
}

function waitsFor(needed: Resources, { allocatable, reserved }: CapacityView): string | null {
  const short = RESOURCE_KEYS.filter((key) => needed[key] > 0 && needed[key] > allocatable[key] - reserved[key])
  if (short.length === 0) return null
  const clauses = short.map((key) => {
    const left = formatAmount(key, Math.max(0, allocatable[key] - reserved[key]))
    return `${formatAmount(key, needed[key])} are needed and ${left} free of ${formatAmount(key, allocatable[key])}`
  })
  return `The cluster’s nodes have no capacity for it now: ${clauses.join('; ')}. New instances wait until there is more.`
}

/** Whether a change fits, computed as the platform computes it. An environment that is not in the view is refused nothing. */
export function foresee(
  quota: QuotaView,
  place: { project: string; environment: string },
  { needed, ownSurge, rolls }: PlannedChange,
): Foreseen {
  const at = quota.environments.find(
    ({ project, environment }) => project === place.project && environment === place.environment,
  )
  const shortages = at ? shortagesIn(at, needed, ownSurge) : []
  return {
    refusal:
      shortages.length > 0 ? describeRefusal(shortages, { ...place, byOperator: quota.byOperator, rolls }) : null,
    waits: quota.capacity && waitsFor(needed, quota.capacity),
  }
}
