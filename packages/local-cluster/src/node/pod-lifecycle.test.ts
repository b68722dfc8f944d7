import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createPod,
  deletePod,
  eventsAbout,
  getPod,
  readPodLog,
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

const status = (pod: { status?: { containerStatuses?: { state: object }[] } } | null) =>
  pod?.status?.containerStatuses?.[0]
const gone = (name: string) => until(`${name} is gone`, async () => (await getPod(cluster, name)) === null)

test('a pod runs, is ready, logs, and is gone with its processes when it is deleted', async () => {
  await createPod(cluster, 'web', {
    terminationGracePeriodSeconds: 5,
    containers: [shell('app', 'trap "echo bye; exit 0" TERM; echo hello; sleep 1000 & wait')],
  })
  const pod = await untilPod(cluster, 'web', 'is ready', (each) => each.status?.containerStatuses?.[0]?.ready === true)
  expect(pod.status).toMatchObject({
    phase: 'Running',
    podIP: expect.stringMatching(/^(10\.244|127\.0)\./),
    observedGeneration: 1,
    containerStatuses: [{ name: 'app', started: true, restartCount: 0, state: { running: {} }, lastState: {} }],
  })
  expect(pod.status?.conditions?.map((condition) => [condition.type, condition.status])).toEqual([
    ['PodReadyToStartContainers', 'True'],
    ['Initialized', 'True'],
    ['Ready', 'True'],
    ['ContainersReady', 'True'],
    ['PodScheduled', 'True'],
  ])
  await until('it has logged', async () => (await readPodLog(cluster, pod)) === 'hello\n')
  const reasons = (await eventsAbout(cluster, 'web')).map((event) => event.reason)
  expect(reasons).toEqual(['Scheduled', 'Pulled', 'Created', 'Started'])
  await deletePod(cluster, 'web')
  await gone('web')
  const last = (await eventsAbout(cluster, 'web')).at(-1)
  expect(last).toMatchObject({ reason: 'Killing', message: 'Stopping container app' })
  await until(
    'its directory is gone',
    async () => !existsSync(join(cluster.dir, 'node', 'pods', pod.metadata.uid ?? '')),
  )
})

test('a pod that ignores SIGTERM is killed when its grace is over', async () => {
  await createPod(cluster, 'stubborn', {
    terminationGracePeriodSeconds: 1,
    containers: [shell('app', "trap '' TERM; echo up; while :; do sleep 1; done")],
  })
  const pod = await untilPod(cluster, 'stubborn', 'runs', (each) => each.status?.phase === 'Running')
  await until('it ignores signals', async () => (await readPodLog(cluster, pod)) === 'up\n')
  const begun = Date.now()
  await deletePod(cluster, 'stubborn')
  await gone('stubborn')
  expect(Date.now() - begun).toBeGreaterThan(900)
})

test('a forced deletion takes the object at once and the processes with it', async () => {
  await createPod(cluster, 'forced', { containers: [shell('app', "trap '' TERM; echo up; while :; do sleep 1; done")] })
  await untilPod(cluster, 'forced', 'runs', (each) => each.status?.phase === 'Running')
  const before = cluster.node.stats().runningContainers
  await deletePod(cluster, 'forced', 0)
  expect(await getPod(cluster, 'forced')).toBeNull()
  await until('its processes are gone', async () => cluster.node.stats().runningContainers === before - 1)
})

test('preStop runs before SIGTERM, within the grace', async () => {
  const file = join(cluster.dir, 'hook')
  await createPod(cluster, 'hooked', {
    terminationGracePeriodSeconds: 20,
    containers: [
      shell('app', `trap "echo term >> ${file}; exit 0" TERM; echo up; sleep 1000 & wait`, {
        lifecycle: {
          preStop: { exec: { command: ['sh', '-c', `echo begin >> ${file}; sleep 0.3; echo end >> ${file}`] } },
        },
      }),
    ],
  })
  const pod = await untilPod(cluster, 'hooked', 'runs', (each) => each.status?.phase === 'Running')
  await until('it takes signals', async () => (await readPodLog(cluster, pod)) === 'up\n')
  await deletePod(cluster, 'hooked')
  await gone('hooked')
  expect(readFileSync(file, 'utf8')).toBe('begin\nend\nterm\n')
})

test('Never: the exit code decides the phase, and the last words are kept', async () => {
  await createPod(cluster, 'fails', {
    restartPolicy: 'Never',
    containers: [shell('app', 'printf "it broke" > "$TERMINATION_LOG"; exit 7')],
  })
  const failed = await untilPod(cluster, 'fails', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(status(failed)?.state).toMatchObject({ terminated: { exitCode: 7, reason: 'Error', message: 'it broke' } })
  const conditions = failed.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])
  expect(conditions).toEqual([
    ['PodReadyToStartContainers', 'False', undefined],
    ['Initialized', 'True', undefined],
    ['Ready', 'False', 'PodFailed'],
    ['ContainersReady', 'False', 'PodFailed'],
    ['PodScheduled', 'True', undefined],
  ])
  await createPod(cluster, 'works', { restartPolicy: 'Never', containers: [shell('app', 'echo done')] })
  const done = await untilPod(cluster, 'works', 'has succeeded', (each) => each.status?.phase === 'Succeeded')
  expect(status(done)?.state).toMatchObject({ terminated: { exitCode: 0, reason: 'Completed' } })
  expect(await readPodLog(cluster, done)).toBe('done\n')
})

test('FallbackToLogsOnError takes the end of the log as last words', async () => {
  await createPod(cluster, 'talks', {
    restartPolicy: 'Never',
    containers: [
      shell('app', 'echo first; echo last >&2; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
    ],
  })
  const pod = await untilPod(cluster, 'talks', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(pod.status?.containerStatuses?.[0]?.state.terminated?.message?.split('\n').sort().join()).toBe(',first,last')
})

test('activeDeadlineSeconds ends the pod', async () => {
  await createPod(cluster, 'late', {
    restartPolicy: 'Never',
    activeDeadlineSeconds: 1,
    terminationGracePeriodSeconds: 1,
    containers: [shell('app', 'sleep 1000')],
  })
  const pod = await untilPod(cluster, 'late', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(pod.status?.reason).toBe('DeadlineExceeded')
  await untilPod(
    cluster,
    'late',
    'has ended',
    (each) => status(each)?.state !== undefined && 'terminated' in (status(each)?.state ?? {}),
  )
})

test('activeDeadlineSeconds ends a pod whose image never came', async () => {
  await createPod(cluster, 'never-began', {
    activeDeadlineSeconds: 1,
    containers: [{ name: 'app', image: 'nosuch.invalid/none:1' }],
  })
  const pod = await untilPod(cluster, 'never-began', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(pod.status).toMatchObject({
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  })
  expect(status(pod)?.state).toEqual({
    terminated: {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'The container could not be located when the pod was terminated',
      startedAt: null,
      finishedAt: null,
    },
  })
})

test('a container over its memory limit is OOMKilled', async () => {
  await createPod(cluster, 'greedy', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'app',
        image: 'host',
        command: ['node', '-e', 'const kept=[];setInterval(()=>kept.push(Buffer.alloc(8e6,1)),20)'],
        resources: { limits: { memory: '120Mi' } },
      },
    ],
  })
  const pod = await untilPod(cluster, 'greedy', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(status(pod)?.state).toMatchObject({ terminated: { exitCode: 137, reason: 'OOMKilled' } })
})
