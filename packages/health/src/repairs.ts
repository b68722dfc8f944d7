import type { Repair } from '@slipway/domain'
import type { Cure, Finding } from './finding.ts'
import type { WantedApp } from './objects.ts'
import type { ObservedProcess } from './process.ts'

/** What a process of this kind of trouble is offered, with the numbers of the app; null where it does not apply. */
function repairOf(cure: Cure, finding: Finding, process: ObservedProcess, wanted: WantedApp): Repair | null {
  const { name } = process
  switch (cure) {
    case 'roll_back':
      // While a release is given time, cancelling it is the way back.
      return wanted.fallback != null && finding.status === 'Degraded' ? { kind: cure, release: wanted.fallback } : null
    case 'raise_memory':
      return process.memoryMiB === null ? null : { kind: cure, process: name, memoryMiB: process.memoryMiB * 2 }
    case 'scale_down':
      return process.ready > 0 && process.ready < process.wanted
        ? { kind: cure, process: name, instances: process.ready }
        : { kind: 'resize', process: name }
    case 'raise_start_timeout':
    case 'deploy_image':
    case 'add_registry':
    case 'raise_quota':
      return { kind: cure }
    case 'restart':
      return { kind: cure, process: name }
    case 'open_log':
      return finding.log === null ? null : { kind: cure, process: name, instance: finding.instance }
  }
}

/** What can be done about a finding, the best first. */
export function repairsOf(finding: Finding, process: ObservedProcess, wanted: WantedApp): Repair[] {
  return finding.cures.flatMap((cure) => repairOf(cure, finding, process, wanted) ?? [])
}

/** The same with the variable that the log says is missing, next to going back. */
export function withVariable(repairs: readonly Repair[], name: string | null): Repair[] {
  if (name === null) return [...repairs]
  const back = repairs.findIndex(({ kind }) => kind === 'roll_back')
  const at = back + 1
  return [...repairs.slice(0, at), { kind: 'set_variable', name }, ...repairs.slice(at)]
}
