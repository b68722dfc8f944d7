import { RUN_STATES, type RunState, stateOf, stateStatus, stateWord } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { appOf } from '../test/recorded-app.ts'
import { play, type Step, scenarios } from '../test/recording.ts'
import { appHealth } from './app.ts'
import { instanceState } from './instance-state.ts'
import { podFinding } from './pod.ts'
import { rolloutOf } from './rollout.ts'

/** Kubernetes' words, as its status columns, conditions and events have them. */
const KUBERNETES =
  /CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|ContainerCreating|PodInitializing|Init:|OOMKilled|CreateContainer\w*Error|RunContainerError|StartError|Unschedulable|FailedMount|FailedCreate|FailedScheduling|ReplicaFailure|ProgressDeadlineExceeded|MinimumReplicas|ContainersNotReady|Terminating\b|SIGTERM/

function saidOf(step: Step): { state: RunState; texts: (string | null)[] }[] {
  const app = appOf(step)
  if (app === null) return []
  const { health, why, processes, instances } = appHealth(app)
  return [
    { state: health.state, texts: [health.message, health.action, why?.sentence ?? null, why?.action ?? null] },
    ...processes.map(({ health: { state, message, action } }) => ({ state, texts: [message, action] })),
    ...instances.map(({ state, message }) => ({ state, texts: [message] })),
    { state: health.state, texts: [rolloutOf(app, app.wanted.release ?? 0).message] },
  ]
}

describe('14 Status: one vocabulary', () => {
  it('every state has plain words, one or a few', () => {
    for (const state of RUN_STATES) expect(stateWord(state)).toMatch(/^[A-Z][a-z]+(?: [a-z0-9]+){0,4}$/)
    expect(new Set(RUN_STATES.map(stateWord)).size).toBe(RUN_STATES.length)
  })

  it.each(scenarios.filter((scenario) => play(scenario).length > 0))(
    'of %s every state is named, and no word of Kubernetes stands in a sentence',
    (scenario) => {
      for (const step of play(scenario)) {
        for (const { state, texts } of saidOf(step)) {
          expect(RUN_STATES).toContain(state)
          for (const text of texts) expect(text ?? '').not.toMatch(KUBERNETES)
        }
        for (const pod of step.pods) expect(RUN_STATES).toContain(instanceState(pod, podFinding(pod, step)))
      }
    },
  )

  it.each([
    ['Degraded', 'CrashLoopBackOff', 'Crashing'],
    ['Progressing', 'CrashLoopBackOff', 'Restarting'],
    ['Degraded', 'OOMKilled', 'Out of memory'],
    ['Degraded', 'Unschedulable', 'Waiting for a node'],
    ['Degraded', 'QuotaExceeded', 'Over quota'],
    ['Progressing', 'QuotaExceeded', 'Waiting for quota'],
    ['Progressing', 'ContainerCreating', 'Starting'],
    ['Degraded', 'constructor', 'Failing'],
    ['Degraded', 'SomethingNobodyKnows', 'Failing'],
    ['Unknown', 'NodeLost', 'Node not answering'],
    ['Suspended', 'NotDeployed', 'Not deployed'],
  ] as const)('%s %s reads "%s"', (status, reason, word) => {
    expect(stateWord(stateOf({ status, reason }))).toBe(word)
  })

  it('a state never reads worse than its health, nor better', () => {
    for (const reason of ['CrashLoopBackOff', 'OOMKilled', 'Starting', 'Evicted', 'FailedMount', 'Whatever']) {
      for (const status of ['Healthy', 'Progressing', 'Suspended', 'Missing', 'Degraded', 'Unknown'] as const)
        expect(stateStatus(stateOf({ status, reason })), `${status} ${reason}`).toBe(status)
    }
  })
})
