import type { ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts'
import { timeMs } from './context.ts'
import { type ExitStory, exitStory, startErrorStory } from './exit.ts'
import { calm, type Finding, finding, quote } from './finding.ts'
import { readyGraceMs, uncheckedStory } from './health-check.ts'
import { isImageReason, pullStory } from './image.ts'
import { killingProbe, loopbackOf, STARTING_ACTION, startLimitMs, unreachable, waited } from './listening.ts'
import { failedRun, type Subject, trouble } from './subject.ts'

/** A container that ran for so long since its last restart is not said to crash in a loop any more. */
export const STABLE_MS = 30_000

/** Why a run of the container ended. */
function endStory(subject: Subject, terminated: ContainerStateTerminated): ExitStory {
  const probe = terminated.reason === 'OOMKilled' ? null : killingProbe(subject, terminated)
  if (probe === 'startup') return unreachable(subject, startLimitMs(subject.spec))
  if (probe === 'liveness') {
    return {
      reason: 'LivenessProbeFailed',
      clause: 'stopped answering and was restarted',
      action: 'Read its last log lines for what blocks it: a busy event loop, a deadlock, too little CPU.',
      cures: ['open_log', 'restart', 'roll_back'],
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
      clause: `cannot be started: ${quote(message ?? reason)}`,
      action: 'Read its last log lines for the cause.',
      cures: ['roll_back', 'open_log', 'restart'],
    } satisfies ExitStory
    return trouble(subject, { status: 'Degraded', reason, story, restarts: status.restartCount, ran: true })
  }
  return calm('Progressing', reason, `${subject.title} is being created.`)
}

/** Why Pod Security admits no start of the image, in other words than the kubelet's, which name pod and container again; null: another fault. */
function rootCause(message: string): string | null {
  if (/non-numeric user/i.test(message))
    return 'its image sets USER to a name, so the cluster cannot tell whether it is root'
  return /runAsNonRoot|non-root/i.test(message) ? 'its image runs as root, which is not allowed here' : null
}

function configError(subject: Subject, reason: string, message: string): Finding {
  const root = rootCause(message)
  const story = {
    reason: null,
    clause: `cannot be started: ${root ?? quote(message)}`,
    action: root
      ? 'Use an image whose USER is a number other than 0, or have an operator set SLIPWAY_POD_SECURITY=baseline.'
      : 'Deploy again to recreate what is missing. If it persists, check the Kubernetes objects of the app.',
    cures: root ? ['deploy_image', 'roll_back'] : ['restart', 'roll_back'],
  } satisfies ExitStory
  return trouble(subject, { status: 'Degraded', reason, story, ran: false })
}

/** A container that ended and that the kubelet is about to start again. The first time may be a matter of order. */
function terminatedFinding(subject: Subject, terminated: ContainerStateTerminated): Finding {
  const { restartCount } = subject.status
  if (terminated.exitCode === 0 && subject.pod.spec?.restartPolicy !== 'Always') {
    return calm('Progressing', 'Completed', `${subject.title} has finished.`)
  }
  const story = endStory(subject, terminated)
  return trouble(subject, {
    status: restartCount > 0 || isFinal(story) ? 'Degraded' : 'Progressing',
    reason: restartCount > 0 ? 'CrashLoopBackOff' : (terminated.reason ?? 'Error'),
    story,
    restarts: restartCount,
    ran: terminated.reason !== 'StartError',
  })
}

/** It had all its time to start: the next run will hardly do better. */
const isFinal = ({ reason }: ExitStory) => reason === 'StartupProbeFailed' || reason === 'LoopbackOnly'

/**
 * A container that runs again after a crash. What ended it last stays the cause until this run has proved better: by becoming
 * ready, and then by running for a while.
 */
function runningAgain(subject: Subject, last: ContainerStateTerminated, runningMs: number): Finding | null {
  const { status, spec } = subject
  const restarts = status.restartCount
  const isUnproven = spec?.startupProbe && !status.started ? true : runningMs < STABLE_MS
  if (!isUnproven || (restarts <= 1 && status.ready)) return null
  const story = endStory(subject, last)
  return trouble(subject, {
    status: restarts > 1 || isFinal(story) ? 'Degraded' : 'Progressing',
    reason: 'CrashLoopBackOff',
    story,
    restarts,
    previous: true,
    ran: true,
  })
}

/** A container whose startup probe has not passed: it has all the time that the probe gives it. */
function startingFinding(subject: Subject, runningMs: number, limitMs: number): Finding {
  const { status, title, nowMs } = subject
  if (loopbackOf(subject, nowMs - runningMs - 1000) !== null) {
    return trouble(subject, {
      status: 'Degraded',
      reason: 'LoopbackOnly',
      story: unreachable(subject, limitMs),
      ran: true,
    })
  }
  const pod = subject.pod.metadata?.name ?? null
  const late = waited(runningMs, limitMs)
  if (late === null) {
    return { ...calm('Progressing', 'ContainersNotReady', `${title} has started and is not ready yet.`), instance: pod }
  }
  return finding({
    status: 'Progressing',
    reason: 'Starting',
    message: `Starting: not listening on PORT yet, ${late}.`,
    action: STARTING_ACTION,
    instance: pod,
    log: { pod: pod ?? '', container: status.name, previous: false, run: failedRun(status, false) },
    cures: ['open_log', 'raise_start_timeout'],
  })
}

function runningFinding(subject: Subject, startedAt: string | undefined): Finding {
  const { status, nowMs, title, spec } = subject
  const runningMs = nowMs - (timeMs(startedAt) ?? nowMs)
  const last = status.lastState?.terminated
  const again = last && runningAgain(subject, last, runningMs)
  if (again) return again
  if (status.ready) return calm('Healthy', 'Running', `${title} is running.`)
  const limitMs = startLimitMs(spec)
  if (limitMs !== null && !status.started) return startingFinding(subject, runningMs, limitMs)
  if (!spec?.readinessProbe || runningMs < readyGraceMs(spec.readinessProbe)) {
    return {
      ...calm('Progressing', 'ContainersNotReady', `${title} has started and is not ready yet.`),
      instance: subject.pod.metadata?.name ?? null,
    }
  }
  const story = uncheckedStory(subject, runningMs) ?? unreachable(subject, null)
  return trouble(subject, { status: 'Degraded', reason: 'Unhealthy', story, restarts: status.restartCount, ran: true })
}

/** What is to be said of one container of a pod that should keep running, or of an init container that has not finished. */
export function containerFinding(subject: Subject): Finding {
  const { waiting, running, terminated } = subject.status.state ?? {}
  if (terminated) return terminatedFinding(subject, terminated)
  if (running) return runningFinding(subject, running.startedAt)
  return waitingFinding(subject, waiting?.reason ?? 'ContainerCreating', waiting?.message)
}
