import type { ContainerState, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { ago, app, deployed, NOW_MS, pod, podEvent } from '../test/objects.ts'
import { appHealth } from './app.ts'
import { podHealth } from './pod.ts'
import { rolloutOf } from './rollout.ts'

const starting = (seconds: number) => pod({ state: { running: { startedAt: ago(seconds) } } })
const refused = 'Startup probe failed: dial tcp 10.42.0.7:8080: connect: connection refused'
const loopback = `${refused}; it listens on 127.0.0.1 only`
const ended = (exitCode: number, ranSeconds: number, ends = 5): ContainerState => ({
  terminated: { exitCode, reason: 'Error', startedAt: ago(ranSeconds + ends), finishedAt: ago(ends) },
})
const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } }

describe('a process that does not listen on PORT yet', () => {
  it('has all the time of its startup probe, and the app says how much of it is over', () => {
    const objects = app({ pods: [starting(45)] })
    const { health, why } = appHealth(objects)
    expect(health).toMatchObject({
      status: 'Progressing',
      reason: 'Starting',
      message: 'Rolling out v1: 0 of 1 instance ready. Starting: not listening on PORT yet, 40 s of 120 s.',
    })
    expect(why).toMatchObject({ process: 'web', instance: 'web-1', log: { previous: false } })
    expect(why?.action).toMatch(/start timeout/)
    expect(rolloutOf(objects, 1).status).toBe('rolling_out')
    expect(rolloutOf(app({ pods: [starting(119)] }), 1).status).toBe('rolling_out')
  })

  it('is not late in its first seconds', () => {
    const events = [podEvent(starting(5), 'Unhealthy', refused, 1)]
    expect(podHealth(starting(5), { nowMs: NOW_MS, events })).toMatchObject({ status: 'Progressing', action: null })
  })

  it('has failed when its time is over', () => {
    const killed = pod({ state: ended(143, 120), restarts: 0 })
    const events = [podEvent(killed, 'Killing', 'Container app failed startup probe, will be restarted', 6)]
    const objects = app({ pods: [killed], events })
    expect(appHealth(objects).health).toMatchObject({
      status: 'Degraded',
      reason: 'StartupProbeFailed',
      message:
        'v1 is failing: the web process does not accept connections on PORT 8080 within 120 s: it must listen on 0.0.0.0:$PORT. Nothing serves.',
    })
    expect(rolloutOf(objects, 1).status).toBe('failed')
  })

  it('is not blamed for a crash of its own', () => {
    const dead = pod({ state: backOff, last: ended(1, 10), restarts: 3 })
    const events = [podEvent(dead, 'Unhealthy', refused, 11)]
    expect(podHealth(dead, { nowMs: NOW_MS, events }).message).toMatch(/exits with code 1/)
  })

  it('that has started and stopped accepting connections is named', () => {
    const deaf = starting(500)
    Object.assign(deaf.status?.containerStatuses?.[0] ?? {}, { started: true })
    expect(podHealth(deaf, { nowMs: NOW_MS })).toMatchObject({
      status: 'Degraded',
      message: 'The web process does not accept connections on PORT 8080: it must listen on 0.0.0.0:$PORT.',
    })
  })
})

describe('a process that listens on loopback only', () => {
  const seen = (about: Pod, count: number): Event[] => [{ ...podEvent(about, 'Unhealthy', loopback, 1), count }]

  it('has failed once that was seen several times, and the cause is named', () => {
    const young = starting(12)
    expect(podHealth(young, { nowMs: NOW_MS, events: seen(young, 2) }).status).toBe('Progressing')
    expect(podHealth(young, { nowMs: NOW_MS, events: seen(young, 6) })).toMatchObject({
      status: 'Degraded',
      reason: 'LoopbackOnly',
      message: 'The web process listens on 127.0.0.1 only; it must listen on 0.0.0.0.',
    })
  })

  it('has the same cause when it is started again for that', () => {
    const again = pod({ state: { running: { startedAt: ago(3) } }, last: ended(143, 120), restarts: 1 })
    const waiting = pod({ state: backOff, last: ended(143, 120), restarts: 1 })
    for (const each of [again, waiting]) {
      expect(podHealth(each, { nowMs: NOW_MS, events: seen(each, 120) }).message).toMatch(/listens on 127.0.0.1 only/)
    }
  })
})

describe('one failing app has one cause, in every phase of its loop', () => {
  const phases = (exitCode: number, ranSeconds: number): [string, Pod][] => {
    const last = ended(exitCode, ranSeconds)
    const running = (seconds: number) => ({ running: { startedAt: ago(seconds) } })
    return [
      ['ended', pod({ state: last, restarts: 1 })],
      ['waiting', pod({ state: backOff, last, restarts: 1 })],
      ['running again', pod({ state: running(1), last, restarts: 2 })],
      ['running again for long', pod({ state: running(70), last, restarts: 2 })],
      ['running again, up', pod({ state: running(10), last, restarts: 2, ready: true })],
      ['ended again', pod({ state: last, last, restarts: 2 })],
      ['waiting again', pod({ state: backOff, last, restarts: 2 })],
      ['running a third time', pod({ state: running(2), last, restarts: 3 })],
    ]
  }
  const causeOf = (each: Pod, events: Event[] = []) => {
    const { deployment, replicaSet } = deployed('web', 1, 1, { updatedReplicas: 1, replicas: 1 })
    const { health } = appHealth(app({ deployments: [deployment], replicaSets: [replicaSet], pods: [each], events }))
    return `${health.status} ${health.message.replace(/ \(restarted .*?\)/, '').replace(/ (Nothing serves|v\d+ still serves)\./, '')}`
  }

  it.each([
    ['a crash', 1, 10, 'Degraded v1 is failing: the web process exits with code 1.'],
    ['a crash after a while without listening', 1, 45, 'Degraded v1 is failing: the web process exits with code 1.'],
    [
      'the startup probe, though its event was dropped',
      143,
      121,
      'Degraded v1 is failing: the web process does not accept connections on PORT 8080 within 120 s: it must listen on 0.0.0.0:$PORT.',
    ],
    [
      'the startup probe, and SIGKILL as it ignores SIGTERM',
      137,
      150,
      'Degraded v1 is failing: the web process does not accept connections on PORT 8080 within 120 s: it must listen on 0.0.0.0:$PORT.',
    ],
    [
      'a kill from elsewhere',
      137,
      10,
      'Degraded v1 is failing: the web process is terminated by SIGKILL (exit code 137).',
    ],
  ] as [string, number, number, string][])('%s', (_title, exitCode, ranSeconds, cause) => {
    const told = phases(exitCode, ranSeconds).map(([phase, each]) => [
      phase,
      causeOf(each, [podEvent(each, 'Unhealthy', refused, 1)]).replace('v1 runs on 1 of 1 instance', 'v1 is failing'),
    ])
    expect(told).toEqual(told.map(([phase]) => [phase, cause]))
  })

  it('never the answer to our own SIGTERM', () => {
    const { metadata, spec, status } = pod({ state: ended(143, 300) })
    const stopped: Pod = {
      metadata: { ...metadata, deletionTimestamp: ago(6) },
      ...(spec ? { spec } : {}),
      status: { ...status, phase: 'Failed' },
    }
    expect(podHealth(stopped, { nowMs: NOW_MS })).toMatchObject({ status: 'Progressing', reason: 'Terminating' })
  })
})
