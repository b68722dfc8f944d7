import { type ReleaseStatus, releaseStatusAfter, type TrackFacts } from '@slipway/domain'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { count, type Finding, worst } from './finding.ts'
import { releaseOf } from './labels.ts'
import type { AppObjects } from './objects.ts'
import { isReady } from './pod-state.ts'
import { type ObservedProcess, observe } from './process.ts'
import type { Rollout } from './result.ts'

function isDone({ workload, wanted }: ObservedProcess, release: number): boolean {
  if (workload === null) return wanted === 0
  return workload.release === release && workload.replicas === wanted && workload.isRolledOut
}

const hasEnded = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed'
const isReadyOf = (release: number) => (pod: Pod) => isReady(pod) && releaseOf(pod) === release

/** What is to be said of the processes that run. */
const foundOf = (processes: readonly ObservedProcess[]): Finding | null =>
  worst(processes.filter(({ wanted }) => wanted > 0).map(({ finding }) => finding))

/** Facts about the stable track for the rollout's state machine. */
function factsOf(processes: readonly ObservedProcess[], release: number): TrackFacts {
  const found = foundOf(processes)
  const pods = processes.flatMap((process) => process.pods)
  const isAllDone = !found?.action && processes.every((process) => isDone(process, release))
  const hasBegun = isAllDone || processes.some(({ workload }) => workload?.release === release)
  return {
    release: hasBegun ? release : null,
    running: pods.filter((pod) => !hasEnded(pod)).length,
    ready: pods.filter(isReadyOf(release)).length,
    isDone: isAllDone,
    isFailing: found?.status === 'Degraded',
  }
}

function messageOf(
  status: ReleaseStatus,
  release: number,
  { ready, wanted, found }: { ready: number; wanted: number; found: Finding | null },
): string {
  switch (status) {
    case 'live':
      return `v${release} is live on ${count(wanted, 'instance')}.`
    case 'pending':
      return `v${release} is about to be rolled out.`
    case 'failed':
      return found?.message ?? `v${release} failed.`
    default: {
      const message = `Rolling out v${release}: ${ready} of ${count(wanted, 'instance')} ready.`
      return found?.action ? `${message} ${found.message}` : message
    }
  }
}

/**
 * How far a release has come, read off the objects alone. What follows for a release that has a status already, the state machine
 * decides by `stable`. A release other than the one that the app points at is superseded.
 */
export function rolloutOf(
  objects: AppObjects,
  release: number,
  processes: readonly ObservedProcess[] = observe(objects),
): Rollout {
  const wanted = processes.reduce((sum, process) => sum + process.wanted, 0)
  const stable = factsOf(processes, release)
  const ready = Math.min(stable.ready, wanted)
  const current = objects.wanted.release
  if (current !== release) {
    const message = current === null ? `v${release} is not deployed.` : `v${current} replaced v${release}.`
    return { status: 'superseded', ready, wanted, message, stable }
  }
  const status = releaseStatusAfter({ number: release, status: 'pending' }, stable)
  const found = foundOf(processes)
  return { status, ready, wanted, message: messageOf(status, release, { ready, wanted, found }), stable }
}
