import type { NodeUsage } from '../api/client.ts'
import { quantityOf } from '../schema/quantity.ts'
import type { MetricTarget } from './hpa-objects.ts'
import type { Pod } from './objects.ts'
import { conditionOf } from './pods.ts'

type PodUsage = NodeUsage['pods'][number]

/** CPU use while a program starts says nothing of its load. Reference: the flags of kube-controller-manager. */
const CPU_INITIALIZATION_MS = 5 * 60_000
const INITIAL_READINESS_MS = 30_000

/** How far off the target is still on it, below and above. */
export interface Tolerances {
  down: number
  up: number
}

export interface Question {
  resource: string
  /** One container's use alone; absent: all of the pod. */
  container?: string
  target: MetricTarget
  currentReplicas: number
  tolerances: Tolerances
  nowMs: number
}

export interface Answer {
  replicas: number
  /** Percent of what is requested, where that is the measure. */
  utilization?: number
  averageMilli: number
}

/** How many replicas bring a resource's use to its target. @throws Error in the words of the real controller. */
export function replicasFor(question: Question, pods: readonly Pod[], usage: NodeUsage): Answer {
  const { target, currentReplicas, tolerances } = question
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const used = usageByPod(question, usage.pods)
  const groups = groupPods(question, pods, { ...usage, used })
  const counted = new Map([...used].filter(([name]) => groups.ready.has(name)))
  if (counted.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const byRequest = target.averageValue === undefined
  const requests = byRequest ? requestsOf(question, pods) : null
  const goal = byRequest ? (target.averageUtilization ?? 0) : milliOf(target.averageValue)
  const first = ratioOf(counted, requests, goal)
  const isOnTarget = (ratio: number) => ratio >= 1 - tolerances.down && ratio <= 1 + tolerances.up
  const answer = (replicas: number): Answer => ({
    replicas,
    averageMilli: first.averageMilli,
    ...(first.utilization === undefined ? {} : { utilization: first.utilization }),
  })
  const withUnready = groups.unready.size > 0 && first.ratio > 1
  if (!withUnready && groups.missing.size === 0) {
    return answer(isOnTarget(first.ratio) ? currentReplicas : Math.ceil(first.ratio * groups.ready.size))
  }
  // What is not known is taken for what makes the smaller change.
  for (const name of first.ratio === 1 ? [] : groups.missing) {
    const request = requests?.get(name) ?? 0
    const full = byRequest ? Math.trunc((Math.max(100, goal) * request) / 100) : goal
    counted.set(name, first.ratio < 1 ? full : 0)
  }
  if (withUnready) for (const name of groups.unready) counted.set(name, 0)
  const { ratio } = ratioOf(counted, requests, goal)
  const turned = (first.ratio < 1 && ratio > 1) || (first.ratio > 1 && ratio < 1)
  if (isOnTarget(ratio) || turned) return answer(currentReplicas)
  const replicas = Math.ceil(ratio * counted.size)
  const wrongWay = ratio < 1 ? replicas > currentReplicas : replicas < currentReplicas
  return answer(wrongWay ? currentReplicas : replicas)
}

const milliOf = (quantity: string | number | undefined) => Math.ceil(Number(quantityOf(quantity ?? '0').nano) / 1e6)

function ratioOf(used: ReadonlyMap<string, number>, requests: ReadonlyMap<string, number> | null, goal: number) {
  let [total, requested] = [0, 0]
  for (const [name, milli] of used) {
    total += milli
    requested += requests?.get(name) ?? 0
  }
  const averageMilli = Math.trunc(total / used.size)
  if (requests === null) return { ratio: averageMilli / goal, averageMilli }
  if (requested === 0) throw new Error('no metrics returned matched known pods')
  const utilization = Math.trunc((total * 100) / requested)
  return { ratio: utilization / goal, averageMilli, utilization }
}

function usageByPod({ resource, container }: Question, usages: readonly PodUsage[]): Map<string, number> {
  const out = new Map<string, number>()
  for (const { name, containers } of usages) {
    const relevant = containers.filter((each) => container === undefined || each.name === container)
    if (relevant.length === 0) continue
    const milli = relevant.map((each) => (resource === 'cpu' ? each.cpuNanoCores / 1e6 : each.memoryBytes * 1000))
    out.set(
      name,
      milli.reduce((sum, each) => sum + Math.ceil(each), 0),
    )
  }
  return out
}

function requestsOf({ resource, container }: Question, pods: readonly Pod[]): Map<string, number> {
  const out = new Map<string, number>()
  for (const { metadata, spec } of pods) {
    const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
    const asked = [...spec.containers, ...sidecars].filter(({ name }) => container === undefined || name === container)
    if (asked.length === 0) throw new Error(`container ${container} not found in Pod ${metadata.name}`)
    let milli = 0
    for (const { name, resources } of asked) {
      const request = resources?.requests?.[resource]
      if (request === undefined) {
        throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`)
      }
      milli += milliOf(request)
    }
    out.set(metadata.name, milli)
  }
  return out
}

interface Measured {
  used: ReadonlyMap<string, number>
  timestampMs: number
  windowMs: number
}

/** Reference: groupPods of pkg/controller/podautoscaler/replica_calculator.go. */
function groupPods(question: Question, pods: readonly Pod[], measured: Measured) {
  const groups = { ready: new Set<string>(), unready: new Set<string>(), missing: new Set<string>() }
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') continue
    if (pod.status?.phase === 'Pending') groups.unready.add(name)
    else if (!measured.used.has(name)) groups.missing.add(name)
    else if (question.resource === 'cpu' && isStarting(pod, question.nowMs, measured)) groups.unready.add(name)
    else groups.ready.add(name)
  }
  return groups
}

function isStarting(pod: Pod, nowMs: number, { timestampMs, windowMs }: Measured): boolean {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  const startMs = Date.parse(pod.status?.startTime ?? '')
  if (ready === undefined || Number.isNaN(startMs)) return true
  const changedMs = Date.parse(ready.lastTransitionTime ?? '')
  // Of a pod that has just become ready the time before is in the measurement still.
  if (startMs + CPU_INITIALIZATION_MS > nowMs) return ready.status === 'False' || timestampMs < changedMs + windowMs
  return ready.status === 'False' && startMs + INITIAL_READINESS_MS > changedMs
}
