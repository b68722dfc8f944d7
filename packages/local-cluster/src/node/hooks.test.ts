import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerStatus } from '../types/container.ts'
import type { Pod } from '../types/pod.ts'
import {
  createPod,
  deletePod,
  eventsAbout,
  getPod,
  NAMESPACE,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster()
})
afterAll(() => cluster.stop())

const app = (pod: Pod): ContainerStatus | undefined => pod.status?.containerStatuses?.[0]
const sh = (script: string) => ({ exec: { command: ['sh', '-c', script] } })
const reasons = async (name: string) => (await eventsAbout(cluster, name)).map(({ reason }) => reason)

test('a container counts as started when its postStart hook has ended, and the next one is started then', async () => {
  const file = join(cluster.dir, 'go')
  const begun = join(cluster.dir, 'begun')
  const hook = sh(`touch ${begun}; while [ ! -e ${file} ]; do sleep 0.05; done`)
  await createPod(cluster, 'prepared', {
    containers: [
      shell('first', 'sleep 1000', { lifecycle: { postStart: hook } }),
      shell('second', 'sleep 1000', { lifecycle: { preStop: { sleep: { seconds: 0 } } } }),
    ],
  })
  await until('the hook runs', async () => existsSync(begun))
  await until('the start is said', async () => (await reasons('prepared')).includes('Started'))
  const during = await getPod(cluster, 'prepared')
  expect(during?.status?.phase).toBe('Pending')
  expect(during?.status?.containerStatuses?.map(({ state, started }) => [state, started])).toEqual([
    [{ waiting: { reason: 'ContainerCreating' } }, false],
    [{ waiting: { reason: 'ContainerCreating' } }, false],
  ])
  expect((await reasons('prepared')).filter((reason) => reason === 'Created')).toHaveLength(1)
  writeFileSync(file, '')
  const pod = await untilPod(cluster, 'prepared', 'runs', (each) => each.status?.phase === 'Running')
  expect(pod.status?.containerStatuses?.every(({ ready }) => ready)).toBe(true)
})

test('a postStart hook that fails: the container is killed and started again, with what the hook said in its state', async () => {
  await createPod(cluster, 'unprepared', {
    terminationGracePeriodSeconds: 1,
    containers: [
      shell('app', 'sleep 1000', { lifecycle: { postStart: sh('echo out; echo "no database" >&2; exit 3') } }),
    ],
  })
  const pod = await untilPod(
    cluster,
    'unprepared',
    'says what failed',
    (each) => app(each)?.state.waiting?.reason === 'PostStartHookError',
  )
  const command = 'sh -c echo out; echo "no database" >&2; exit 3'
  expect(app(pod)?.state.waiting?.message).toMatch(
    `Exec lifecycle hook ([${command}]) for Container "app" in Pod "unprepared_${NAMESPACE}(${pod.metadata.uid})" failed - error: command '${command}' exited with 3: no database\n, message: "`,
  )
  expect(app(pod)?.lastState.terminated).toMatchObject({ reason: 'Error' })
  expect(app(pod)?.ready).toBe(false)
  await untilPod(cluster, 'unprepared', 'is tried again', (each) => (app(each)?.restartCount ?? 0) > 0)
  await until('it backs off', async () =>
    (await eventsAbout(cluster, 'unprepared')).some(({ reason }) => reason === 'BackOff'),
  )
  const events = (await eventsAbout(cluster, 'unprepared')).map(({ reason, message }) => [reason, message])
  expect(events).toContainEqual(['FailedPostStartHook', 'PostStartHook failed'])
  expect(events).toContainEqual(['Killing', 'FailedPostStartHook'])
})

test('a preStop hook that fails is said without its words, and the container is ended all the same', async () => {
  await createPod(cluster, 'careless', {
    terminationGracePeriodSeconds: 5,
    containers: [shell('app', 'sleep 1000', { lifecycle: { preStop: sh('echo secret; exit 1') } })],
  })
  await untilPod(cluster, 'careless', 'runs', (each) => each.status?.phase === 'Running')
  await deletePod(cluster, 'careless')
  await until('it is gone', async () => (await getPod(cluster, 'careless')) === null)
  const events = (await eventsAbout(cluster, 'careless')).map(({ reason, message }) => [reason, message])
  expect(events.slice(-2)).toEqual([
    ['Killing', 'Stopping container app'],
    ['FailedPreStopHook', 'PreStopHook failed'],
  ])
})
