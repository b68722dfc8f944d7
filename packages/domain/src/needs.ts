import { DEFAULT_SIZE, type ProcessScale, reservedBy, surgeOf } from './process.ts'
import { endsByItself, type ProcessKind } from './process-kind.ts'
import { addResources, NO_RESOURCES, type Resources } from './quota.ts'
import { mayHoldSurge, type ReleaseStatus } from './release-status.ts'

/** A process that has not run yet starts with one instance of the default size. */
export const DEFAULT_SCALE: ProcessScale = { instances: 1, ...DEFAULT_SIZE }

/** The scale that a process begins with: of one that ends by itself nothing runs at rest. */
export function firstScaleOf(process: { kind: ProcessKind }): ProcessScale {
  return { ...DEFAULT_SCALE, instances: endsByItself(process) ? 0 : DEFAULT_SCALE.instances }
}

/** A process and its scale. */
export function scaleOf(scales: ReadonlyMap<string, ProcessScale>, name: string): ProcessScale {
  return scales.get(name) ?? DEFAULT_SCALE
}

/** What an app holds on top of its reservation while its current release has this status. */
export function surgeHeld(
  status: ReleaseStatus | null,
  processes: readonly (ProcessScale & { kind: ProcessKind })[],
): Resources {
  return status !== null && mayHoldSurge(status) ? addResources(...processes.map(surgeOf)) : NO_RESOURCES
}

/**
 * What a change of release takes on top of what the app reserves now: processes that are new, and the surge of those that
 * are there before and after, because only these roll. Processes that go give back, but not before the new ones stand. The release's
 * own command runs once, before all of that. `wanted`: the scale after it, of processes that the release itself resizes.
 */
export function neededForRelease(
  before: readonly { name: string; kind: ProcessKind }[],
  after: readonly { name: string; kind: ProcessKind }[],
  scales: ReadonlyMap<string, ProcessScale>,
  wanted: ReadonlyMap<string, ProcessScale> = scales,
): Resources {
  const kinds = new Map(before.map(({ name, kind }) => [name, kind]))
  let needed: Resources = NO_RESOURCES
  for (const process of after) {
    const { name } = process
    const scale = scales.get(name) ?? firstScaleOf(process)
    const target = wanted.get(name) ?? firstScaleOf(process)
    const kind = kinds.get(name)
    if (kind === undefined) needed = addResources(needed, reservedBy(target))
    else if (isResized(scale, target)) needed = addResources(needed, neededForScale(kind, scale, target))
    else needed = addResources(needed, surgeOf({ ...scale, kind }))
    if (process.kind === 'release') needed = addResources(needed, reservedBy({ ...target, instances: 1 }))
  }
  return needed
}

/** True when a change of scale replaces instances: their size differs. */
export function isResized(before: ProcessScale, after: ProcessScale): boolean {
  return before.cpuMillis !== after.cpuMillis || before.memoryMiB !== after.memoryMiB
}

/**
 * What a change of scale takes on top. A changed size rolls the process: at its widest, old and new instances and the surge
 * stand side by side. A changed count only adds or ends instances.
 */
export function neededForScale(kind: ProcessKind, before: ProcessScale, after: ProcessScale): Resources {
  const resized = isResized(before, after)
  const old = reservedBy(before)
  const wanted = reservedBy(after)
  const surge = resized && before.instances > 0 ? surgeOf({ ...after, kind }) : NO_RESOURCES
  const more = (key: keyof Resources) => Math.max(0, wanted[key] - old[key]) + surge[key]
  if (resized || after.instances > before.instances) {
    return { cpuMillis: more('cpuMillis'), memoryMiB: more('memoryMiB'), instances: more('instances') }
  }
  return NO_RESOURCES
}
