import { isJsonObject, objectList, optionalObject, stringOf } from '../../../types/json.ts'
import type { JsonObject } from '../../../types/objects.ts'
import { age, ageColumn, column, count, name, nameColumn, type Printer, since, spec, status } from './columns.ts'

/** What stands in the Status column. Reference: pkg/printers/internalversion.printPod. */
function podReason(pod: JsonObject): string {
  const own = status(pod)
  let reason = stringOf(own, 'reason') || stringOf(own, 'phase')
  const gated = objectList(own, 'conditions').find(
    (item) => item.type === 'PodScheduled' && item.reason === 'SchedulingGated',
  )
  if (gated !== undefined) reason = 'SchedulingGated'
  const waiting = initReason(pod)
  if (waiting !== null) reason = waiting
  else reason = containerReason(pod) ?? reason
  const metadata = optionalObject(pod, 'metadata')
  if (stringOf(metadata, 'deletionTimestamp') === '') return reason
  const phase = stringOf(own, 'phase')
  if (own.reason === 'NodeLost') return 'Unknown'
  return phase === 'Succeeded' || phase === 'Failed' ? reason : 'Terminating'
}

function initReason(pod: JsonObject): string | null {
  const containers = objectList(spec(pod), 'initContainers')
  for (const [index, item] of objectList(status(pod), 'initContainerStatuses').entries()) {
    const state = optionalObject(item, 'state')
    const terminated = optionalObject(state, 'terminated')
    const sidecar = containers.find((container) => container.name === item.name)?.restartPolicy === 'Always'
    if (terminated !== null && terminated.exitCode === 0) continue
    if (sidecar && item.started === true) continue
    if (terminated !== null) return `Init:${terminatedReason(terminated)}`
    const waiting = stringOf(optionalObject(state, 'waiting'), 'reason')
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`
    return `Init:${index}/${containers.length}`
  }
  return null
}

function terminatedReason(terminated: JsonObject): string {
  const reason = stringOf(terminated, 'reason')
  if (reason !== '') return reason
  const signal = count(terminated, 'signal')
  return signal === 0 ? `ExitCode:${count(terminated, 'exitCode')}` : `Signal:${signal}`
}

function containerReason(pod: JsonObject): string | null {
  let reason: string | null = null
  let running = false
  for (const item of objectList(status(pod), 'containerStatuses').reverse()) {
    const state = optionalObject(item, 'state')
    const waiting = stringOf(optionalObject(state, 'waiting'), 'reason')
    const terminated = optionalObject(state, 'terminated')
    if (waiting !== '') reason = waiting
    else if (terminated !== null) reason = terminatedReason(terminated)
    else if (item.ready === true && optionalObject(state, 'running') !== null) running = true
  }
  if (reason !== 'Completed' || !running) return reason
  const ready = objectList(status(pod), 'conditions').some((item) => item.type === 'Ready' && item.status === 'True')
  return ready ? 'Running' : 'NotReady'
}

function restarts(pod: JsonObject, nowMs: number): string {
  const initializing = initReason(pod) !== null
  const list = objectList(status(pod), initializing ? 'initContainerStatuses' : 'containerStatuses')
  const total = list.reduce((sum, item) => sum + count(item, 'restartCount'), 0)
  const last = list
    .map((item) => stringOf(optionalObject(optionalObject(item, 'lastState'), 'terminated'), 'finishedAt'))
    .sort()
    .at(-1)
  return total === 0 || last === undefined || last === '' ? String(total) : `${total} (${since(last, nowMs)} ago)`
}

export const podPrinter: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
    column('Status', 'The aggregate status of the containers in this pod.'),
    column(
      'Restarts',
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    ),
    ageColumn,
    column('IP', 'podIP address allocated to the pod.', { priority: 1 }),
    column('Node', 'NodeName indicates in which node this pod is scheduled.', { priority: 1 }),
    column('Nominated Node', 'nominatedNodeName is set only when this pod preempts other pods on the node.', {
      priority: 1,
    }),
    column('Readiness Gates', 'If specified, all readiness gates will be evaluated for pod readiness.', {
      priority: 1,
    }),
  ],
  cells(pod, nowMs) {
    const containers = objectList(spec(pod), 'containers')
    const ready = objectList(status(pod), 'containerStatuses').filter(
      (item) => item.ready === true && isJsonObject(optionalObject(item, 'state')?.running),
    )
    return [
      name(pod),
      `${ready.length}/${containers.length}`,
      podReason(pod),
      restarts(pod, nowMs),
      age(pod, nowMs),
      stringOf(status(pod), 'podIP') || '<none>',
      stringOf(spec(pod), 'nodeName') || '<none>',
      stringOf(status(pod), 'nominatedNodeName') || '<none>',
      '<none>',
    ]
  },
}
