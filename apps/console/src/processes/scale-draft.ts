import {
  addResources,
  formatAmount,
  isResized,
  NO_RESOURCES,
  type ProcessView,
  RESOURCE_KEYS,
  type Resources,
  reservedBy,
  SCALE_BOUNDS,
  surgeOf,
} from '@slipway/domain'

/** What can be edited of a process. */
export type ScaleValues = Pick<ProcessView, 'instances' | 'cpuMillis' | 'memoryMiB'>
/** Edited processes by name; what equals the present scale is not in it. */
export type ScaleDraft = Readonly<Record<string, ScaleValues>>

export const scaleValues = ({ instances, cpuMillis, memoryMiB }: ScaleValues): ScaleValues => ({
  instances,
  cpuMillis,
  memoryMiB,
})

/** Sets one process of a draft; a value that is the present one leaves the draft. */
export function edit(draft: ScaleDraft, process: ProcessView, values: ScaleValues): ScaleDraft {
  const { [process.name]: _last, ...rest } = draft
  const same = values.instances === process.instances && !isResized(process, values)
  return same ? rest : { ...rest, [process.name]: values }
}

/** What cannot be applied as it was typed, in a sentence each; empty when all is in range. */
export function invalidValues(draft: ScaleDraft): string[] {
  return Object.entries(draft).flatMap(([name, values]) =>
    RESOURCE_KEYS.flatMap((key) => {
      const { min, max } = SCALE_BOUNDS[key]
      const inRange = Number.isInteger(values[key]) && values[key] >= min && values[key] <= max
      return inRange ? [] : [`${name} takes ${formatAmount(key, min)} to ${formatAmount(key, max)}.`]
    }),
  )
}

/** What a draft adds to what the app reserves; negative where it gives back. */
export function reservationChange(processes: readonly ProcessView[], draft: ScaleDraft): Resources {
  const change = { ...NO_RESOURCES }
  for (const process of processes) {
    const next = draft[process.name]
    if (!next) continue
    const before = reservedBy(process)
    const after = reservedBy(next)
    for (const key of RESOURCE_KEYS) change[key] += after[key] - before[key]
  }
  return change
}

/** The most that rolling the changed sizes takes beyond the reservation, for a moment. A new count alone rolls nothing. */
export function surgeChange(processes: readonly ProcessView[], draft: ScaleDraft): Resources {
  const resized = processes.flatMap((process) => {
    const next = draft[process.name]
    return next && isResized(process, next) ? [surgeOf({ ...next, kind: process.kind })] : []
  })
  return addResources(...resized)
}

/** "+500m CPU, +512 MiB memory, +2 instances"; empty when nothing changes. */
export function describeChange(change: Resources): string {
  return RESOURCE_KEYS.filter((key) => change[key] !== 0)
    .map((key) => `${change[key] > 0 ? '+' : '−'}${formatAmount(key, Math.abs(change[key]))}`)
    .join(', ')
}
