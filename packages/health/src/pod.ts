import type { Health } from '@slipway/domain'
import type { ContainerStatus, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { containerFinding } from './container.ts'
import { eventsOf, eventTimeMs, type HealthContext, timeMs } from './context.ts'
import { exitStory } from './exit.ts'
import { calm, type Finding, finding, healthOf, quote, worst } from './finding.ts'
import { processOf } from './labels.ts'
import { isReady, isSidecar } from './pod-state.ts'
import { storyCause } from './subject.ts'

/** Reasons of events that say why a pod's containers cannot even be created. */
const SETUP_FAILURES = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedCreatePodSandBox',
  'FailedCreatePodContainer',
])

/** How sentences call what a pod runs: by its process, or by its container where it is not an app's. */
function titleOf(pod: Pod, container: string): string {
  const process = processOf(pod)
  return process ? `The ${process} process` : `The container ${container}`
}

function resourceWord(message: string): string {
  const lacking = [...message.matchAll(/Insufficient ([a-z0-9./-]*[a-z0-9])/g)].flatMap(([, what]) =>
    what ? [what] : [],
  )
  return [...new Set(lacking)].map((what) => (what === 'cpu' ? 'CPU' : what)).join(' and ')
}

function requestsOf(pod: Pod): string {
  const requests = pod.spec?.containers.map(({ resources }) => resources?.requests).find((each) => each)
  return requests?.cpu && requests.memory ? ` (it needs ${requests.cpu} CPU and ${requests.memory} memory)` : ''
}

function unschedulable(pod: Pod, message: string): Finding {
  const lacking = resourceWord(message)
  const who = processOf(pod) ? `the ${processOf(pod)} process` : `the pod ${pod.metadata?.name}`
  const sentence = lacking
    ? `No node has enough ${lacking} left for ${who}${requestsOf(pod)}.`
    : `No node can take ${who}: ${quote(message)}.`
  return finding({
    status: 'Degraded',
    reason: 'Unschedulable',
    message: sentence,
    cause: lacking ? `No node has enough ${lacking} left.` : `No node can take it: ${quote(message)}.`,
    action: lacking
      ? 'Choose a smaller size or fewer instances, or add a node to the cluster.'
      : 'Read the scheduler’s message, then change what the process asks for or add a node that has it.',
    instance: pod.metadata?.name ?? null,
    cures: ['scale_down', 'roll_back'],
  })
}

/** A pod that is over: evicted, lost with its node, or one whose containers ended for good. */
function failed(pod: Pod): Finding {
  const name = pod.metadata?.name ?? ''
  const { reason, message } = pod.status ?? {}
  const ended = pod.status?.containerStatuses?.find(({ state }) => state?.terminated && state.terminated.exitCode !== 0)
  const terminated = ended?.state?.terminated
  if (ended && terminated && !reason) {
    const story = exitStory(
      terminated,
      pod.spec?.containers.find((spec) => spec.name === ended.name),
    )
    const text = `${titleOf(pod, ended.name)} ${story.clause}.`
    return finding({
      status: 'Degraded',
      state: story.state,
      reason: story.reason ?? terminated.reason ?? 'Error',
      message: text,
      cause: storyCause({ pod, title: titleOf(pod, ended.name) }, story),
      action: story.action,
      instance: name,
      log: { pod: name, container: ended.name, previous: false, run: terminated.containerID ?? '' },
      detail: story.detail,
      cures: story.cures,
    })
  }
  const evicted = reason === 'Evicted'
  const what = evicted ? 'was evicted from its node' : 'failed'
  return finding({
    status: 'Degraded',
    reason: reason ?? 'Failed',
    message: `The instance ${name} ${what}${message ? `: ${quote(message)}` : ''}.`,
    cause: `An instance ${what}.`,
    action: evicted
      ? 'No action is needed once another takes its place. If it happens often, the nodes need more memory or disk.'
      : 'Look at its events and its log.',
    instance: name,
  })
}

function initFindings(pod: Pod, context: HealthContext, events: readonly Event[]): Finding[] {
  const statuses = pod.status?.initContainerStatuses ?? []
  const specOf = (name: string) => pod.spec?.initContainers?.find((spec) => spec.name === name)
  const isDone = (status: ContainerStatus) =>
    status.state?.terminated?.exitCode === 0 ||
    (isSidecar(specOf(status.name)) && status.started && status.state?.running)
  const current = statuses.find((status) => !isDone(status))
  if (!current || (current.state?.running && !current.lastState?.terminated)) return []
  const spec = specOf(current.name)
  const title = `The init container ${current.name}`
  const finding = containerFinding({ pod, spec, status: current, events, nowMs: context.nowMs, title })
  return finding.action ? [finding] : []
}

function setupFinding(pod: Pod, events: readonly Event[]): Finding[] {
  const event = events.find(({ reason }) => SETUP_FAILURES.has(reason ?? ''))
  const startedMs = timeMs(pod.status?.startTime) ?? 0
  if (!event || eventTimeMs(event) < startedMs) return []
  const said = quote(event.message ?? event.reason ?? '')
  const message = `The instance ${pod.metadata?.name} cannot be set up: ${said}.`
  const action = 'Kubernetes keeps trying. If it persists, ask an operator to check the node and the mounted volumes.'
  return [
    finding({
      status: 'Degraded',
      reason: event.reason ?? '',
      message,
      cause: `An instance cannot be set up: ${said}.`,
      action,
      instance: pod.metadata?.name ?? null,
      cures: ['restart'],
    }),
  ]
}

/**
 * The pod's node does not answer, or says itself that it is not ready: what the pod reported last is no longer known to be so.
 * Reference: https://kubernetes.io/docs/reference/node/node-status/#condition
 */
function lostNode(pod: Pod, context: HealthContext): Finding | null {
  const name = pod.spec?.nodeName
  const node = name === undefined ? undefined : context.node?.(name)
  const condition = node?.status?.conditions?.find(({ type }) => type === 'Ready')
  const podReady = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  const unknown = condition?.status === 'Unknown' || (condition === undefined && podReady === 'Unknown')
  if (!unknown && condition?.status !== 'False') return null
  const which = name === undefined ? 'The node' : `The node ${name}`
  const what = unknown ? 'does not answer' : `is not ready: ${quote(condition?.message ?? condition?.reason ?? '')}`
  return {
    ...calm('Unknown', 'NodeLost', `${which} of the instance ${pod.metadata?.name} ${what}.`),
    cause: `${which} ${what}.`,
    action: 'Wait for the node, or for the cluster to start another instance elsewhere.',
  }
}

function livingFinding(pod: Pod, context: HealthContext): Finding {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    return unschedulable(pod, scheduled.message ?? '')
  }
  const lost = lostNode(pod, context)
  if (lost !== null) return lost
  const events = eventsOf(pod, context.events)
  const init = initFindings(pod, context, events)
  const containers = (pod.status?.containerStatuses ?? []).map((status) => {
    const spec = pod.spec?.containers.find(({ name }) => name === status.name)
    const title = titleOf(pod, status.name)
    return containerFinding({ pod, spec, status, events, nowMs: context.nowMs, title })
  })
  const found = worst([...init, ...containers])
  if (!found) return calm('Progressing', 'Pending', `The instance ${pod.metadata?.name} is waiting to start.`)
  return found.reason === 'ContainerCreating' ? (worst([found, ...setupFinding(pod, events)]) ?? found) : found
}

/** What is to be said of a pod, with where its cause lies. */
export function podFinding(pod: Pod, context: HealthContext): Finding {
  const name = pod.metadata?.name ?? ''
  const phase = pod.status?.phase
  if (phase === 'Succeeded') return calm('Healthy', 'Completed', `The instance ${name} has finished.`)
  // Deleted first, Failed after: its exit code is the answer to our own SIGTERM.
  const isStopping = pod.metadata?.deletionTimestamp && !pod.status?.reason
  if (phase === 'Failed' && !isStopping) return failed(pod)
  if (pod.metadata?.deletionTimestamp) return calm('Progressing', 'Terminating', `The instance ${name} is stopping.`)
  const finding = livingFinding(pod, context)
  if (finding.status !== 'Healthy' || isReady(pod)) return finding
  return calm('Progressing', 'ContainersNotReady', `The instance ${name} is running and not ready yet.`)
}

/**
 * Health of one pod. Reasons are the words that kubectl shows.
 * Reference: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
export function podHealth(pod: Pod, context: HealthContext): Health {
  return healthOf(podFinding(pod, context))
}
