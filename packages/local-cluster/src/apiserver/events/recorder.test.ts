import { expect, test } from 'vitest'
import type { EventToRecord } from '../../types/client.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import { EventRecorder } from './recorder.ts'

const about: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'team', uid: '1', resourceVersion: '7' },
}

/** A recorder on a clock that the test moves, and what it wrote: events by name, in the order of their making. */
function recorder() {
  const clock = { ms: Date.parse('2026-01-01T00:00:00Z') }
  const written = new Map<string, JsonObject>()
  let writes = 0
  const events = new EventRecorder(
    {
      create(_namespace, event) {
        writes += 1
        const metadata = event.metadata as JsonObject
        written.set(String(metadata.name), event)
        return event as unknown as KubernetesObject
      },
      patch(_namespace, name, body) {
        const known = written.get(name)
        if (known === undefined) return null
        writes += 1
        written.set(name, { ...known, ...body })
        return known as unknown as KubernetesObject
      },
    },
    () => clock.ms,
  )
  const record = (event: Partial<EventToRecord>) =>
    events.record({
      about,
      type: 'Warning',
      reason: 'FailedCreate',
      message: 'no',
      component: 'replicaset-controller',
      ...event,
    })
  return { clock, events, record, all: () => [...written.values()], written, writes: () => writes }
}

test('the same event is counted, however late it comes', () => {
  const { clock, record, all } = recorder()
  for (let i = 0; i < 3; i += 1) {
    record({})
    clock.ms += 20 * 60_000
  }
  expect(all()).toMatchObject([
    { count: 3, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:40:00Z' },
  ])
})

test('as recorded: nine messages of one reason stand for themselves, the tenth and later ones are combined', () => {
  const { record, all } = recorder()
  for (let i = 0; i < 15; i += 1) record({ message: `pod ${i}` })
  expect(
    all()
      .slice(0, 9)
      .map(({ message, count }) => [message, count]),
  ).toEqual(Array.from({ length: 9 }, (_, i) => [`pod ${i}`, 1]))
  expect(all()).toHaveLength(10)
  const combined = all().at(-1)
  expect(combined).toMatchObject({ message: '(combined from similar events): pod 14', count: 6 })
  // Made without the component that reports it, but with its source.
  expect(combined).toMatchObject({ reportingComponent: '', source: { component: 'replicaset-controller' } })
})

test('after ten quiet minutes similar events are no longer combined', () => {
  const { clock, record, all } = recorder()
  for (let i = 0; i < 9; i += 1) record({ message: `pod ${i}` })
  clock.ms += 10 * 60_000 + 1
  record({ message: 'another' })
  expect(all().at(-1)).toMatchObject({ message: 'another', count: 1 })
})

test('other reasons, types and objects are not similar', () => {
  const { record, all } = recorder()
  for (let i = 0; i < 9; i += 1) record({ message: `pod ${i}` })
  record({ message: 'x', reason: 'FailedDelete' })
  record({ message: 'y', type: 'Normal' })
  record({ message: 'z', about: { ...about, metadata: { ...about.metadata, uid: '2' } } })
  expect(
    all()
      .slice(9)
      .map(({ message }) => message),
  ).toEqual(['x', 'y', 'z'])
})

test('25 events of one source about one object, then one every five minutes; others go on', () => {
  const { clock, events, record, writes } = recorder()
  for (let i = 0; i < 40; i += 1) record({})
  expect([writes(), events.counters.dropped]).toEqual([25, 15])
  record({ component: 'kubelet' })
  expect(writes()).toBe(26)
  clock.ms += 5 * 60_000
  record({})
  record({})
  expect(writes()).toBe(27)
})

test('what was counted and is gone is written anew, with its count', () => {
  const { record, all, written } = recorder()
  record({})
  record({})
  written.clear()
  record({})
  expect(all()).toMatchObject([{ count: 3, message: 'no' }])
})

test('events with an action become a series at the second, which is written again when it is over', () => {
  const { clock, record, all } = recorder()
  const action = { action: 'Scheduling', reason: 'FailedScheduling', component: 'default-scheduler' }
  for (let i = 0; i < 4; i += 1) record({ ...action, message: `0/${i} nodes` })
  expect(all()).toMatchObject([{ message: '0/0 nodes', series: { count: 2 }, action: 'Scheduling' }])
  expect(all()[0]).not.toHaveProperty('count')
  clock.ms += 6 * 60_000 + 1
  record({ ...action, message: 'later' })
  expect(all()).toMatchObject([{ series: { count: 4 } }, { message: 'later' }])
})
