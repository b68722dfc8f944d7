import type { ProcessKind } from '@slipway/domain'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { calm, type Finding, worst } from './finding.ts'
import { processOf, releaseOf } from './labels.ts'
import type { AppObjects } from './objects.ts'
import { podFinding } from './pod.ts'
import { isReady } from './pod-state.ts'
import type { ObservedWorkload } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

/** One wanted process with what was observed of it. */
export interface ObservedProcess {
  name: string
  kind: ProcessKind
  wanted: number
  memoryMiB: number | null
  /** Null while it is not in the cluster. */
  workload: ObservedWorkload | null
  pods: Pod[]
  /** Ready instances of the wanted release. */
  ready: number
  /** True when this release was rolled out once: what happens now is a change of scale, or an instance in trouble. */
  settled: boolean
  /** What is to be said of the release the app points at. */
  finding: Finding
}

function findingOf(
  objects: AppObjects,
  workload: ObservedWorkload | null,
  name: string,
  wanted: number,
  pods: Pod[],
): Finding {
  if (!workload) {
    if (wanted === 0) return calm('Suspended', 'ScaledToZero', `The ${name} process is scaled to 0.`)
    return calm('Missing', 'Missing', `The ${name} process is not in the cluster yet.`)
  }
  if (objects.wanted.release !== null && workload.release !== objects.wanted.release) {
    return calm('Progressing', 'NotApplied', `The ${name} process has yet to be updated to v${objects.wanted.release}.`)
  }
  if (workload.replicas !== wanted) {
    return calm('Progressing', 'NotApplied', `The ${name} process has yet to be scaled to ${wanted}.`)
  }
  const { nowMs, events, replicaSets, namespacePods, node } = objects
  const context = { nowMs, events, replicaSets, namespacePods, node, pods: objects.pods }
  const finding = workload.finding(context)
  if (finding.status === 'Suspended' || finding.action) return finding
  // Without ReplicaSets in sight the pods of the release speak for themselves.
  const own = pods.filter((pod) => releaseOf(pod) === workload.release)
  const ready = own.filter(isReady).length
  if (finding.status === 'Healthy' && ready >= wanted) return finding
  const found = worst(own.map((pod) => podFinding(pod, context)).filter(({ action }) => action !== null))
  if (found !== null || finding.status !== 'Healthy') return found ?? finding
  // The workload's status lags behind its pods: healthy is what is ready, not what was.
  return calm('Progressing', 'InstancesNotReady', `${ready} of ${wanted} instances of the ${name} process are ready.`)
}

/** What was observed of each wanted process, in the order in which they are wanted. */
export function observe(objects: AppObjects): ObservedProcess[] {
  return objects.wanted.processes.map(({ name, kind, instances, memoryMiB = null }) => {
    const workload = WORKLOADS[kind](objects, name)
    const pods = objects.pods.filter((pod) => processOf(pod) === name)
    return {
      name,
      kind,
      wanted: instances,
      memoryMiB,
      workload,
      pods,
      ready: pods.filter((pod) => isReady(pod) && releaseOf(pod) === objects.wanted.release).length,
      settled: workload !== null && workload.release === objects.wanted.release && workload.wasRolledOut(pods),
      finding: findingOf(objects, workload, name, instances, pods),
    }
  })
}
