import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, test } from 'vitest'
import { runVerdict, runWaits } from './run.ts'

const run = { kind: 'command', timeoutSeconds: 90, memoryMiB: 64 } as const
const job = (type?: 'Complete' | 'Failed', reason = 'BackoffLimitExceeded'): Job => ({
  status: { conditions: type ? [{ type, status: 'True', reason }] : [] },
})
const ended = (terminated: Partial<ContainerStateTerminated>): Pod => ({
  status: {
    containerStatuses: [
      {
        name: 'app',
        image: 'i',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode: 1, ...terminated } },
      },
    ],
  },
})

describe('how a command ended', () => {
  test.each([
    ['it runs', job(), [], null],
    ['it is done', job('Complete'), [ended({ exitCode: 0 })], { exitCode: 0, failure: null }],
    ['its pod is gone already', job('Complete'), [], { exitCode: 0, failure: null }],
    ['by its exit code', job('Failed'), [ended({ exitCode: 3 })], { exitCode: 3, failure: null }],
    [
      'too late',
      job('Failed', 'DeadlineExceeded'),
      [ended({ exitCode: 143 })],
      { exitCode: null, failure: /90 seconds.*--timeout/ },
    ],
    [
      'out of memory',
      job('Failed'),
      [ended({ exitCode: 137, reason: 'OOMKilled' })],
      { exitCode: 137, failure: /64 MiB.*--memory/ },
    ],
    [
      'no such program',
      job('Failed'),
      [ended({ exitCode: 128, reason: 'StartError', message: 'no such file' })],
      { exitCode: 128, failure: /no such file/ },
    ],
    [
      'with its node',
      job('Failed'),
      [{ status: { phase: 'Failed', message: 'The node was lost' } }],
      { exitCode: null, failure: /The node was lost/ },
    ],
  ])('%s', (_name, of, pods, expected) => {
    const verdict = runVerdict(run, of, pods)
    if (expected === null) return expect(verdict).toBeNull()
    const failure = expected.failure === null ? null : expect.stringMatching(expected.failure)
    expect(verdict).toEqual({ exitCode: expected.exitCode, failure })
  })
})

test('why it has not begun is said in a sentence', () => {
  const waiting = (reason: string, message?: string): Pod => ({
    status: {
      containerStatuses: [
        {
          name: 'app',
          image: 'i',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { waiting: { reason, message } },
        },
      ],
    },
  })
  const unscheduled: Pod = {
    status: {
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          message: '0/1 nodes are available: 1 Insufficient cpu. preemption: none',
        },
      ],
    },
  }
  expect(runWaits(unscheduled)).toBe(
    'Waiting for capacity in the cluster: 0/1 nodes are available: 1 Insufficient cpu.',
  )
  expect(runWaits(waiting('ErrImagePull', 'not there'))).toBe('The image cannot be pulled: not there')
  expect(runWaits(waiting('CreateContainerConfigError', 'no Secret'))).toBe('It cannot start: no Secret')
  expect(runWaits(waiting('ContainerCreating'))).toBeNull()
})
