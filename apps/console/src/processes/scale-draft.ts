import {
  addResources,
  formatAmount,
  NO_RESOURCES,
  type ProcessView,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  reservedBy,
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
  const same =
    values.instances === process.instances &&
    values.cpuMillis === process.cpuMillis &&
    values.memoryMiB === process.memoryMiB
  return same ? rest : { ...rest, [process.name]: values }
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
    const rolls = next && (next.cpuMillis !== process.cpuMillis || next.memoryMiB !== process.memoryMiB)
    return rolls ? [surgeOf(next)] : []
  })
  return addResources(...resized)
}

/** "+500m CPU, +512 MiB memory, +2 instances"; empty when nothing changes. */
export function describeChange(change: Resources): string {
  return RESOURCE_KEYS.filter((key) => change[key] !== 0)
    .map((key) => `${change[key] > 0 ? '+' : '−'}${formatAmount(key, Math.abs(change[key]))}`)
    .join(', ')
}

/** What would not fit, with the numbers, before the platform is asked; empty when all fits. */
export function foreseenShortages(change: Resources, left: ResourceLimits): string[] {
  return RESOURCE_KEYS.flatMap((key) => {
    const room = left[key]
    if (room === null || change[key] <= 0 || change[key] <= room) return []
    return [`needs ${formatAmount(key, change[key])} more, ${formatAmount(key, Math.max(0, room))} left`]
  })
}
