import { type ProcessDefinition, processDefinitionSchema } from '@slipway/domain'
import { BUILD_CONTAINER_NAME } from '@slipway/manifests'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { z } from 'zod'

/** How a build's Job ended. */
export type BuildVerdict =
  | { status: 'succeeded'; image: string; processes: ProcessDefinition[] }
  | { status: 'failed' | 'timed_out'; failure: string }

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
  return { status: 'failed', failure: failureOf(ended, pods) }
}

/** Why a Job whose pod can not even start has no end yet: the image of the builder is missing, or nothing has room for it. */
export function stuckReason(pods: readonly Pod[]): string | null {
  for (const pod of pods) {
    const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting
    if (
      waiting &&
      /^(ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainerConfigError)$/.test(waiting.reason ?? '')
    ) {
      return `The builder can not start (${waiting.reason}): ${waiting.message ?? 'no reason given'}`
    }
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (scheduled?.status === 'False')
      return `Waiting for room in the cluster: ${roomSentence(scheduled.message ?? scheduled.reason ?? '')} Scale something down, or cancel this build.`
  }
  return null
}

/** The scheduler's own sentence without what follows it about preemption, which is not for people who deploy. */
function roomSentence(message: string): string {
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
  const told = failureSchema.safeParse(parseJson(ended?.message))
  if (told.success) return [told.data.failure, told.data.action].filter((text) => text).join(' ')
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
