import type { Container, ContainerStateTerminated, ContainerStatus, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { eventTimeMs, timeMs } from './context.ts'
import { type ExitStory, exitStory, restartsClause, startErrorStory } from './exit.ts'
import { calm, type Finding, quote } from './finding.ts'
import { isImageReason, pullStory } from './image.ts'

/** One container with what is known about it. */
export interface Subject {
  pod: Pod
  spec: Container | undefined
  status: ContainerStatus
  /** Events of the pod, newest first. */
  events: readonly Event[]
  nowMs: number
  /** How sentences call it: "The web process". */
  title: string
}

/** A container that ran for so long since its last restart is not said to crash in a loop any more. */
export const STABLE_MS = 30_000

/** How long a process may take until it listens before that is called a failure. It goes on being tried for longer. */
export const LISTEN_GRACE_MS = 30_000

/** A kill by a probe explains an exit that follows it within the grace period and some seconds. Kills that repeat are one event. */
const KILL_WINDOW_MS = 60_000

type Trouble = Pick<Finding, 'status' | 'reason'> & {
  story: ExitStory
  restarts?: number
  previous?: boolean
  ran: boolean
}

function trouble(subject: Subject, { status, reason, story, restarts = 0, previous = false, ran }: Trouble): Finding {
  const pod = subject.pod.metadata?.name ?? ''
  return {
    status,
    reason: story.reason ?? reason,
    message: `${subject.title} ${story.clause}${restartsClause(restarts, ran)}.`,
    action: story.action,
    instance: pod,
    log: ran ? { pod, container: subject.status.name, previous, run: failedRun(subject.status, previous) } : null,
  }
}

/** Id of the run that a finding speaks of: the one that ended where one did and no other has begun, else the present one. */
function failedRun({ state, lastState, containerID }: ContainerStatus, previous: boolean): string {
  const ended = state?.terminated ?? (previous || state?.waiting ? lastState?.terminated : undefined)
  return ended?.containerID ?? containerID ?? ''
}

/** The probe that ended this run of the container, by the kubelet's Killing event; null when it ended by itself. */
function killingProbe(subject: Subject, terminated: ContainerStateTerminated): 'startup' | 'liveness' | null {
  const finishedMs = timeMs(terminated.finishedAt)
  if (finishedMs === null) return null
  const kill = subject.events.find((event) => {
    if (event.reason !== 'Killing' || !event.message?.includes(subject.status.name)) return false
    const lastMs = eventTimeMs(event)
    const firstMs = timeMs(event.firstTimestamp) ?? lastMs
    return finishedMs >= firstMs - 2000 && finishedMs <= lastMs + KILL_WINDOW_MS
  })
  if (kill?.message?.includes('failed startup probe')) return 'startup'
  return kill?.message?.includes('failed liveness probe') ? 'liveness' : null
}

const LISTEN_ACTION = 'Make it listen on 0.0.0.0 and the port that the environment variable PORT names.'

/** The last words of a failed probe: "connection refused". */
function probeDetail(message: string | undefined): string {
  const last = message?.split(': ').at(-1)?.trim() ?? ''
  return last && !/^(?:Startup|Readiness|Liveness) probe failed:?$/.test(last) ? ` (${quote(last)})` : ''
}

function neverListened(detail: string): ExitStory {
  return { reason: null, clause: `runs but does not listen on PORT${detail}`, action: LISTEN_ACTION }
}

/** Why a run of the container ended. */
function endStory(subject: Subject, terminated: ContainerStateTerminated): ExitStory {
  const probe = terminated.reason === 'OOMKilled' ? null : killingProbe(subject, terminated)
  if (probe === 'startup') return { ...neverListened(', and so is started again'), reason: 'StartupProbeFailed' }
  if (probe === 'liveness') {
    return {
      reason: 'LivenessProbeFailed',
      clause: 'stopped answering and was started again',
      action:
        'Read its last log lines for what keeps it from answering: a blocked event loop, a deadlock, too little CPU.',
    }
  }
  return exitStory(terminated, subject.spec)
}

function waitingFinding(subject: Subject, reason: string, message: string | undefined): Finding {
  const { status, spec } = subject
  const last = status.lastState?.terminated
  if (isImageReason(reason)) {
    const said = message ?? subject.events.find((event) => event.message?.startsWith('Failed to pull image'))?.message
    return trouble(subject, {
      status: 'Degraded',
      reason,
      story: pullStory(spec?.image ?? status.image, said),
      ran: false,
    })
  }
  if (reason === 'CrashLoopBackOff' && last) {
    const ran = last.reason !== 'StartError'
    return trouble(subject, {
      status: 'Degraded',
      reason,
      story: endStory(subject, last),
      restarts: status.restartCount,
      ran,
    })
  }
  if (reason === 'CreateContainerConfigError') return configError(subject, reason, message ?? '')
  if (/Error$/.test(reason)) {
    return trouble(subject, {
      status: 'Degraded',
      reason,
      story: startErrorStory(message ?? reason),
      restarts: status.restartCount,
      ran: false,
    })
  }
  if (/BackOff$/.test(reason)) {
    const story = {
      reason: null,
      clause: `can not be started: ${quote(message ?? reason)}`,
      action: 'Read its last log lines for the cause.',
    }
    return trouble(subject, { status: 'Degraded', reason, story, restarts: status.restartCount, ran: true })
  }
  return calm('Progressing', reason, `${subject.title} is being created.`)
}

function configError(subject: Subject, reason: string, message: string): Finding {
  const root = /runAsNonRoot|non-root|non-numeric user/i.test(message)
  const story = {
    reason: null,
    clause: `can not be started: ${quote(message)}`,
    action: root
      ? 'Use an image whose USER is a number other than 0, or have an operator set SLIPWAY_POD_SECURITY=baseline.'
      : 'Deploy again, which makes what is missing anew; if it stays, look at the objects of the app.',
  }
  return trouble(subject, { status: 'Degraded', reason, story, ran: false })
}

/** A container that ended and that the kubelet is about to start again. The first time may be a matter of order. */
function terminatedFinding(subject: Subject, terminated: ContainerStateTerminated): Finding {
  const { restartCount } = subject.status
  if (terminated.exitCode === 0 && subject.pod.spec?.restartPolicy !== 'Always') {
    return calm('Progressing', 'Completed', `${subject.title} has done its work.`)
  }
  return trouble(subject, {
    status: restartCount > 0 ? 'Degraded' : 'Progressing',
    reason: restartCount > 0 ? 'CrashLoopBackOff' : (terminated.reason ?? 'Error'),
    story: endStory(subject, terminated),
    restarts: restartCount,
    ran: terminated.reason !== 'StartError',
  })
}

function runningFinding(subject: Subject, startedAt: string | undefined): Finding {
  const { status, nowMs, title } = subject
  const startedMs = timeMs(startedAt) ?? nowMs
  const runningMs = nowMs - startedMs
  const last = status.lastState?.terminated
  const restarts = status.restartCount
  if (last && runningMs < STABLE_MS && (restarts > 1 || !status.ready)) {
    const state = restarts > 1 ? 'Degraded' : 'Progressing'
    return trouble(subject, {
      status: state,
      reason: 'CrashLoopBackOff',
      story: endStory(subject, last),
      restarts,
      previous: true,
      ran: true,
    })
  }
  if (status.ready) return calm('Healthy', 'Running', `${title} is running.`)
  const failed = subject.events.find(
    ({ reason, message }) => reason === 'Unhealthy' && /^(?:Startup|Readiness) probe/.test(message ?? ''),
  )
  const listens = subject.spec?.startupProbe || subject.spec?.readinessProbe
  if (!listens || runningMs < LISTEN_GRACE_MS) {
    return {
      ...calm('Progressing', 'ContainersNotReady', `${title} has started and is not ready yet.`),
      instance: subject.pod.metadata?.name ?? null,
    }
  }
  const fresh = failed && eventTimeMs(failed) >= startedMs - 1000
  const story = neverListened(fresh ? probeDetail(failed.message) : '')
  return trouble(subject, { status: 'Degraded', reason: 'Unhealthy', story, restarts, ran: true })
}

/** What is to be said of one container of a pod that should keep running, or of an init container that has not finished. */
export function containerFinding(subject: Subject): Finding {
  const { waiting, running, terminated } = subject.status.state ?? {}
  if (terminated) return terminatedFinding(subject, terminated)
  if (running) return runningFinding(subject, running.startedAt)
  return waitingFinding(subject, waiting?.reason ?? 'ContainerCreating', waiting?.message)
}
