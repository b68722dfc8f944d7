import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { jobOutcome, jobWait } from './job.ts'

/** The container of the command, as packages/manifests names it. */
const CONTAINER_NAME = 'app'

/** How a command that runs once has ended: by its exit code, or for a reason in a sentence. */
export interface RunVerdict {
  exitCode: number | null
  failure: string | null
}

/** What helps a command that needs more, by what it is run for. */
const MORE = {
  command: { time: 'Give it more with --timeout.', memory: 'Give it more with --memory.' },
  release: { time: 'Make it faster.', memory: 'Give it more with "slipway scale release --memory".' },
}

/** What is known of a run before its Job is looked at. */
interface RunFacts {
  kind: keyof typeof MORE
  timeoutSeconds: number
  memoryMiB: number
}

/** Puts the end of a command's Job into words; null while it has not ended. */
export function runVerdict(
  { kind, timeoutSeconds, memoryMiB }: RunFacts,
  job: Job,
  pods: readonly Pod[],
): RunVerdict | null {
  const { end, exit, podFailure } = jobOutcome(job, pods, CONTAINER_NAME)
  if (end === null) return null
  if (end === 'timed_out') {
    return {
      exitCode: null,
      failure: `It was stopped after its limit of ${timeoutSeconds} seconds. ${MORE[kind].time}`,
    }
  }
  if (exit?.reason === 'OOMKilled') {
    return { exitCode: exit.exitCode, failure: `It ran out of its ${memoryMiB} MiB. ${MORE[kind].memory}` }
  }
  if (exit?.reason === 'StartError' || exit?.reason === 'ContainerCannotRun') {
    return { exitCode: exit.exitCode, failure: `It could not be started: ${exit.message ?? exit.reason}` }
  }
  if (exit) return { exitCode: exit.exitCode, failure: null }
  if (end === 'complete') return { exitCode: 0, failure: null }
  return { exitCode: null, failure: `Its pod ended early: ${podFailure ?? 'nobody knows why'}.` }
}

/** Why a command has not begun, in a sentence; null when it has, or nothing keeps it. */
export function runWaits(pod: Pod): string | null {
  const wait = jobWait(pod, CONTAINER_NAME)
  switch (wait?.cause) {
    case 'image':
      return `The image cannot be pulled: ${wait.message}`
    case 'start':
      return `It cannot start: ${wait.message}`
    case 'capacity':
      return `Waiting for capacity in the cluster: ${wait.message}`
    case undefined:
      return null
  }
}
