import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { expect, test } from 'vitest'
import { stuckReason, verdictOf } from './build-verdict.ts'

const IMAGE = `registry.example.com/a@sha256:${'a'.repeat(64)}`
const good = JSON.stringify({ image: IMAGE, processes: [{ name: 'web', kind: 'web', command: null }] })

const ended = (type: 'Complete' | 'Failed', reason?: string): Job => ({
  status: { conditions: [{ type, status: 'True', ...(reason ? { reason } : {}) }] },
})

function pod(minute: number, exitCode: number, message?: string): Pod {
  const terminated = { exitCode, ...(message ? { message } : {}) }
  const status = { name: 'build', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } }
  return {
    metadata: { creationTimestamp: `2026-01-01T00:0${minute}:00Z` },
    status: { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [status] },
  }
}

test('a Job that has not ended has no verdict', () => {
  expect(verdictOf({ status: {} }, [pod(1, 1)], 60_000)).toBeNull()
  expect(verdictOf({ status: {} }, [pod(1, 0, 'no image')], 60_000)).toBeNull()
})

test('a builder that has reported its image is not kept waiting by its Job', () => {
  expect(verdictOf({ status: {} }, [pod(1, 143), pod(2, 0, good)], 60_000)).toMatchObject({ image: IMAGE })
})

test('after a drained node the pod that came next decides, in whatever order they are listed', () => {
  const drained = pod(1, 143)
  expect(verdictOf(ended('Complete'), [drained, pod(2, 0, good)], 60_000)).toMatchObject({ image: IMAGE })
  expect(verdictOf(ended('Complete'), [pod(2, 0, good), drained], 60_000)).toMatchObject({ image: IMAGE })
  const failure = JSON.stringify({ failure: 'npm could not reach the registry.', action: 'Try again.' })
  for (const pods of [
    [drained, pod(2, 1, failure)],
    [pod(2, 1, failure), drained],
  ]) {
    expect(verdictOf(ended('Failed'), pods, 60_000)).toMatchObject({
      status: 'failed',
      failure: 'npm could not reach the registry. Try again.',
    })
  }
})

test('a Job over its time limit says which', () => {
  const verdict = verdictOf(ended('Failed', 'DeadlineExceeded'), [], 15 * 60_000)
  expect(verdict).toMatchObject({ status: 'timed_out', failure: expect.stringContaining('15 minutes') })
})

const pulling = (reason: string, message: string) =>
  ({
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    status: {
      containerStatuses: [
        {
          name: 'build',
          image: 'registry.example.com/builder-go',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason, message } },
        },
      ],
    },
  }) satisfies Pod

test('a builder image that cannot be pulled has one reason, whether pulled or backed off, and is final after a minute', () => {
  const cause = 'rpc error: failed to pull: failed to resolve image: registry.example.com/builder-go: not found'
  const start = Date.parse('2026-01-01T00:00:00Z')
  const first = stuckReason([pulling('ErrImagePull', cause)], start + 1_000)
  const later = stuckReason(
    [pulling('ImagePullBackOff', `Back-off pulling image "registry.example.com/builder-go": ErrImagePull: ${cause}`)],
    start + 30_000,
  )
  expect(first).toEqual(later)
  expect(first).toEqual({
    reason:
      'The builder image registry.example.com/builder-go cannot be pulled: registry.example.com/builder-go: not found. Ask your operator to correct SLIPWAY_BUILDER_IMAGE.',
    isFinal: false,
  })
  expect(stuckReason([pulling('ErrImagePull', cause)], start + 61_000)).toMatchObject({ isFinal: true })
})
