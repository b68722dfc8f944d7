import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { expect, test } from 'vitest'
import { verdictOf } from './build-verdict.ts'

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
    expect(verdictOf(ended('Failed'), pods, 60_000)).toEqual({
      status: 'failed',
      failure: 'npm could not reach the registry. Try again.',
    })
  }
})

test('a Job over its time limit says which', () => {
  const verdict = verdictOf(ended('Failed', 'DeadlineExceeded'), [], 15 * 60_000)
  expect(verdict).toMatchObject({ status: 'timed_out', failure: expect.stringContaining('15 minutes') })
})
