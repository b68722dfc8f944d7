import type { Container, ContainerStatus, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { type ExitStory, restartsClause } from './exit.ts'
import { type Finding, finding } from './finding.ts'
import { processOf } from './labels.ts'

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

type Trouble = Pick<Finding, 'status' | 'reason'> & {
  story: ExitStory
  restarts?: number
  previous?: boolean
  ran: boolean
}

/** A finding about the container: how its story goes, and where the log of that run is. */
export function trouble(
  subject: Subject,
  { status, reason, story, restarts = 0, previous = false, ran }: Trouble,
): Finding {
  const pod = subject.pod.metadata?.name ?? ''
  return finding({
    status,
    // What is still given time has not failed: the reason alone says so in milder words.
    state: status === 'Degraded' ? story.state : undefined,
    reason: story.reason ?? reason,
    message: `${subject.title} ${story.clause}${restartsClause(restarts, ran)}.`,
    cause: storyCause(subject, story),
    action: story.action,
    instance: pod,
    log: ran ? { pod, container: subject.status.name, previous, run: failedRun(subject.status, previous) } : null,
    detail: story.detail,
    cures: story.cures,
  })
}

/** The wording shared by all apps with the same cause, whichever process it is. */
export function storyCause(
  { pod, title }: Pick<Subject, 'pod' | 'title'>,
  { clause, cause }: Pick<ExitStory, 'clause' | 'cause'>,
): string {
  return `${processOf(pod) ? 'The process' : title} ${cause ?? clause}.`
}

/** Id of the run that a finding speaks of: the one that ended where one did and no other has begun, else the present one. */
export function failedRun({ state, lastState, containerID }: ContainerStatus, previous: boolean): string {
  const ended = state?.terminated ?? (previous || state?.waiting ? lastState?.terminated : undefined)
  return ended?.containerID ?? containerID ?? ''
}
