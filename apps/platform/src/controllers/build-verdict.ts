import { type ProcessDefinition, processDefinitionSchema } from '@slipway/domain'
import { type JobOutcome, jobOutcome, jobWait } from '@slipway/health'
import { BUILD_CONTAINER_NAME } from '@slipway/manifests'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
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

/** Puts the end of a build's Job into words; null while it is not known how the build ended. */
export function verdictOf(job: Job, pods: readonly Pod[], timeoutMs: number): BuildVerdict | null {
  const outcome = jobOutcome(job, pods, BUILD_CONTAINER_NAME)
  switch (outcome.end) {
    case null: {
      // An image that is reported is one. The Job says so a second or two later, when its controller has counted its pods.
      const verdict = outcome.exit?.exitCode === 0 ? succeeded(outcome.exit) : null
      return verdict?.status === 'succeeded' ? verdict : null
    }
    case 'complete':
      return succeeded(outcome.exit)
    case 'timed_out':
      return timedOut(timeoutMs)
    case 'failed':
      return failed(outcome)
  }
}

function timedOut(timeoutMs: number): BuildVerdict {
  const limit =
    timeoutMs >= 60_000 ? `${Math.round(timeoutMs / 60_000)} minutes` : `${Math.ceil(timeoutMs / 1000)} seconds`
  return {
    status: 'timed_out',
    failure: `It was stopped at the time limit of ${limit}. Make the build faster, or raise SLIPWAY_BUILD_TIMEOUT_MINUTES.`,
  }
}

function failed(outcome: JobOutcome): BuildVerdict {
  const told = failureSchema.safeParse(parseJson(outcome.exit?.message))
  if (!told.success) return { status: 'failed', failure: failureOf(outcome) }
  const { failure, action } = told.data
  return { status: 'failed', failure: [failure, action].filter((text) => text).join(' '), isLogged: true }
}

/** A builder whose image cannot be pulled for this long is not waited for, in milliseconds. */
const PULL_LIMIT_MS = 60_000
const BACKOFF = /^Back-off pulling image "[^"]*"(?:: ErrImagePull: )?/

/** Why a Job's pod has not started: its image or its settings are at fault, or the cluster has no capacity for it. */
export function stuckReason(pods: readonly Pod[], nowMs: number): { reason: string; isFinal: boolean } | null {
  for (const pod of pods) {
    const wait = jobWait(pod, BUILD_CONTAINER_NAME)
    switch (wait?.cause) {
      case 'image': {
        const isFinal = nowMs - Date.parse(pod.metadata?.creationTimestamp ?? '') > PULL_LIMIT_MS
        const cause = wait.isBare
          ? ''
          : wait.message
              .replace(BACKOFF, '')
              .split(/: failed to resolve image: /)
              .at(-1)
        // A bare back-off repeats what was said before.
        if (!cause && !isFinal) break
        const image = pod.status?.containerStatuses?.find(({ name }) => name === BUILD_CONTAINER_NAME)?.image
        return {
          reason: `The builder image ${image} cannot be pulled${cause ? `: ${cause}` : ''}. Ask your operator to correct SLIPWAY_BUILDER_IMAGE.`,
          isFinal,
        }
      }
      case 'start':
        return { reason: `The builder cannot start: ${wait.message}.`, isFinal: false }
      case 'capacity':
        return {
          reason: `Waiting for capacity in the cluster: ${wait.message} Scale something down, or cancel this build.`,
          isFinal: false,
        }
    }
  }
  return null
}

function succeeded(exit: JobOutcome['exit']): BuildVerdict {
  const parsed = successSchema.safeParse(parseJson(exit?.message))
  if (parsed.success) return { status: 'succeeded', ...parsed.data }
  return {
    status: 'failed',
    failure:
      'The builder succeeded but did not report its image. Push again; if it happens again, check the build log.',
  }
}

function failureOf({ exit, podFailure }: JobOutcome): string {
  if (exit?.reason === 'OOMKilled') return 'The build ran out of memory. Let it use less, or build less at once.'
  if (exit) return `The builder exited with code ${exit.exitCode} and gave no reason. Check the end of the build log.`
  return podFailure
    ? `The build's pod failed: ${podFailure}`
    : 'The build’s pod disappeared before its result was known. Push again.'
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
