import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerState, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { jobOutcome, jobWait } from './job.ts'

const job = (...conditions: [type: string, reason?: string, status?: string][]): Job => ({
  status: { conditions: conditions.map(([type, reason, status = 'True']) => ({ type, reason, status })) },
})
function pod(state: ContainerState, { phase = 'Running', minute = 1, name = 'app', message = '' } = {}): Pod {
  return {
    metadata: { creationTimestamp: `2026-01-01T00:0${minute}:00Z` },
    status: {
      phase,
      ...(message ? { message } : {}),
      containerStatuses: [{ name, image: 'i', imageID: '', ready: false, restartCount: 0, state }],
    },
  }
}
const ended = (exitCode: number, options: Parameters<typeof pod>[1] = {}) =>
  pod({ terminated: { exitCode } }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed', ...options })

describe('how a Job ended', () => {
  it.each([
    ['not yet', job(), null],
    ['not yet, while it only is about to fail', job(['FailureTarget', 'DeadlineExceeded']), null],
    ['not by a condition that is not true', job(['Complete', 'x', 'False']), null],
    ['complete', job(['SuccessCriteriaMet'], ['Complete']), 'complete'],
    ['failed', job(['Failed', 'BackoffLimitExceeded']), 'failed'],
    ['timed out', job(['Failed', 'DeadlineExceeded']), 'timed_out'],
  ])('%s', (_name, of, end) => {
    expect(jobOutcome(of, [], 'app')).toEqual({ end, exit: null, podFailure: null })
  })

  it('goes by the pod that succeeded, or else the newest that ended, and by its own container', () => {
    const of = (...pods: Pod[]) => jobOutcome(job(), pods, 'app').exit?.exitCode
    expect(of(ended(0), ended(1, { minute: 2 }))).toBe(0)
    expect(of(ended(2, { minute: 3 }), ended(1, { minute: 2 }), pod({ running: {} }, { minute: 4 }))).toBe(2)
    expect(of(ended(0, { name: 'sidecar' }))).toBeUndefined()
  })

  it('keeps what the cluster says of a pod that it ended', () => {
    const lost = pod({}, { phase: 'Failed', message: 'The node was lost' })
    expect(jobOutcome(job(['Failed', 'BackoffLimitExceeded']), [lost], 'app')).toMatchObject({
      end: 'failed',
      exit: null,
      podFailure: 'The node was lost',
    })
  })
})

describe('what keeps a Job from starting', () => {
  const waiting = (reason: string, message?: string) => jobWait(pod({ waiting: { reason, message } }), 'app')

  it.each([
    ['ErrImagePull', 'not there', { cause: 'image', message: 'not there', isBare: false }],
    ['ImagePullBackOff', undefined, { cause: 'image', message: 'ImagePullBackOff', isBare: true }],
    ['CreateContainerConfigError', 'no Secret', { cause: 'start', message: 'no Secret', isBare: false }],
    ['ContainerCreating', undefined, null],
  ])('%s %s', (reason, message, expected) => {
    expect(waiting(reason, message)).toEqual(expected)
  })

  it('is the capacity of the cluster, in the scheduler’s first sentence', () => {
    const message = '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes'
    const conditions = [{ type: 'PodScheduled', status: 'False', message }]
    expect(jobWait({ status: { conditions } }, 'app')).toEqual({
      ...{ cause: 'capacity', message: '0/1 nodes are available: 1 Insufficient cpu.', isBare: false },
    })
  })
})
