import { type ProcessDefinition, processDefinitionSchema } from '@slipway/domain'
import { BUILD_CONTAINER_NAME } from '@slipway/manifests'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { z } from 'zod'

/** How a build's Job ended. */
export type BuildVerdict =
  | { status: 'succeeded'; image: string; processes: ProcessDefinition[] }
  | {
      status: 'failed' | 'timed_out'
      failure: string
      /** The builder has written it into the log itself. */
      isLogged?: boolean
    }

/** What the builder leaves as the container's termination message; docs/architecture.md, "The build Job". */
const successSchema = z.object({
  image: z.string().regex(/@sha256:[a-f0-9]{64}$/),
  processes: z.array(processDefinitionSchema).min(1).max(20),
})
const failureSchema = z.object({ failure: z.string().min(1), action: z.string().nullish() })

/** Reads a Job and its pods; null while it has not ended. */
export function verdictOf(job: Job, pods: readonly Pod[], timeoutMs: number): BuildVerdict | null {
  const condition = job.status?.conditions?.find(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  )
  if (condition === undefined) return null
  const ended = terminationOf(pods)
  if (condition.type === 'Complete') return succeeded(ended)
  if (condition.reason === 'DeadlineExceeded') {
    const limit =
      timeoutMs >= 60_000 ? `${Math.round(timeoutMs / 60_000)} minutes` : `${Math.ceil(timeoutMs / 1000)} seconds`
    return {
      status: 'timed_out',
      failure: `It was stopped after the limit of ${limit}. Make the build faster, or raise SLIPWAY_BUILD_TIMEOUT_MINUTES.`,
    }
  }
  const told = failureSchema.safeParse(parseJson(ended?.message))
  if (told.success) {
    const { failure, action } = told.data
    return { status: 'failed', failure: [failure, action].filter((text) => text).join(' '), isLogged: true }
  }
  return { status: 'failed', failure: failureOf(ended, pods) }
}

/** A builder whose image cannot be pulled for this long is not waited for, in milliseconds. */
const PULL_LIMIT_MS = 60_000
const PULL_REASON = /^(ErrImagePull|ImagePullBackOff|InvalidImageName)$/
const BACKOFF = /^Back-off pulling image "[^"]*"(?:: ErrImagePull: )?/

/** Why a Job's pod has not started: its image or its settings are at fault, or the cluster has no capacity for it. */
export function stuckReason(pods: readonly Pod[], nowMs: number): { reason: string; isFinal: boolean } | null {
  for (const pod of pods) {
    const container = pod.status?.containerStatuses?.find(({ name }) => name === BUILD_CONTAINER_NAME)
    const { reason, message } = container?.state?.waiting ?? {}
    if (reason !== undefined && PULL_REASON.test(reason)) {
      const cause = message
        ?.replace(BACKOFF, '')
        .split(/: failed to resolve image: /)
        .at(-1)
      const isFinal = nowMs - Date.parse(pod.metadata?.creationTimestamp ?? '') > PULL_LIMIT_MS
      // A bare back-off repeats what was said before.
      if (cause || isFinal)
        return {
          reason: `The builder image ${container?.image} cannot be pulled${cause ? `: ${cause}` : ''}. Ask your operator to correct SLIPWAY_BUILDER_IMAGE.`,
          isFinal,
        }
    }
    if (reason === 'CreateContainerConfigError')
      return { reason: `The builder cannot start: ${message ?? reason}.`, isFinal: false }
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (scheduled?.status === 'False') {
      const shortage = firstSentence(scheduled.message ?? scheduled.reason ?? '')
      return {
        reason: `Waiting for capacity in the cluster: ${shortage} Scale something down, or cancel this build.`,
        isFinal: false,
      }
    }
  }
  return null
}

/** The scheduler's own sentence without what follows it about preemption, which is not for people who deploy. */
function firstSentence(message: string): string {
  return `${message.split('. ')[0]?.replace(/\.$/, '') ?? message}.`
}

/** A Job has more than one pod after a node was drained: the newest is the one that counts. */
export function newestFirst<P extends Pod>(pods: readonly P[]): P[] {
  const madeAt = (pod: P) => Date.parse(pod.metadata?.creationTimestamp ?? '') || 0
  return [...pods].sort((a, b) => madeAt(b) - madeAt(a))
}

function terminationOf(pods: readonly Pod[]): ContainerStateTerminated | null {
  const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded')
  for (const pod of succeeded.length > 0 ? succeeded : newestFirst(pods)) {
    const status = pod.status?.containerStatuses?.find(({ name }) => name === BUILD_CONTAINER_NAME)
    if (status?.state?.terminated) return status.state.terminated
  }
  return null
}

function succeeded(ended: ContainerStateTerminated | null): BuildVerdict {
  const parsed = successSchema.safeParse(parseJson(ended?.message))
  if (parsed.success) return { status: 'succeeded', ...parsed.data }
  return {
    status: 'failed',
    failure:
      'The builder ended well but did not say which image it made. Push again; if it happens again, look at the build log.',
  }
}

function failureOf(ended: ContainerStateTerminated | null, pods: readonly Pod[]): string {
  if (ended?.reason === 'OOMKilled') return 'The build ran out of memory. Let it use less, or build less at once.'
  if (ended)
    return `The builder ended with exit code ${ended.exitCode} without saying why. The end of the build log may tell.`
  const pod = pods.find(({ status }) => status?.phase === 'Failed')
  const detail = pod?.status?.message ?? pod?.status?.reason
  return detail
    ? `The build's pod failed: ${detail}`
    : 'The build’s pod is gone, and nobody knows how it ended. Push again.'
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return null
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
