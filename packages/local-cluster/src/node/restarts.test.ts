import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerStatus } from '../types/container.ts'
import type { Pod } from '../types/pod.ts'
import { Pods } from '../types/resources.ts'
import {
  createPod,
  eventsAbout,
  NAMESPACE,
  readPodLog,
  shell,
  startTestCluster,
  type TestCluster,
  until,
  untilPod,
} from './testing/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ crashBackoff: { baseMs: 400, maxMs: 1_000 } })
})
afterAll(() => cluster.stop())

const app = (pod: Pod): ContainerStatus | undefined => pod.status?.containerStatuses?.[0]
const label = (pod: Pod) => `${pod.metadata.name}_${NAMESPACE}(${pod.metadata.uid})`

test('a crash loop: first restart at once, then a doubling back-off, in the words of the kubelet', async () => {
  await createPod(cluster, 'crash', { containers: [shell('app', 'echo booting; exit 3')] })
  const waiting = await untilPod(
    cluster,
    'crash',
    'backs off',
    (pod) => app(pod)?.state.waiting !== undefined && app(pod)?.restartCount === 1,
  )
  expect(waiting.status?.phase).toBe('Running')
  expect(app(waiting)).toMatchObject({
    ready: false,
    started: false,
    state: {
      waiting: {
        reason: 'CrashLoopBackOff',
        message: `back-off 400ms restarting failed container=app pod=${label(waiting)}`,
      },
    },
    lastState: { terminated: { exitCode: 3, reason: 'Error' } },
  })
  expect(await readPodLog(cluster, waiting, { previous: true })).toBe('booting\n')
  const later = await untilPod(
    cluster,
    'crash',
    'backs off for longer',
    (pod) => app(pod)?.state.waiting?.message?.includes('back-off 1s') === true,
  )
  expect(app(later)?.restartCount).toBeGreaterThanOrEqual(3)
  const events = await eventsAbout(cluster, 'crash')
  expect(events.find((event) => event.reason === 'BackOff')?.message).toBe(
    `Back-off restarting failed container app in pod ${label(later)}`,
  )
  expect(events.find((event) => event.reason === 'Started')?.count).toBeGreaterThanOrEqual(3)
})

test('every step of a crash loop is shown, in order: running, ended, back-off', async () => {
  const seen: string[] = []
  const stop = cluster.api.watch(Pods, {
    onEvent: ({ object }) => {
      const status = object.metadata.name === 'steps' ? app(object as Pod) : undefined
      const [state] = Object.keys(status?.state ?? {})
      const step = `${state} ${status?.restartCount}`
      if (status !== undefined && seen.at(-1) !== step) seen.push(step)
    },
  })
  try {
    await createPod(cluster, 'steps', { containers: [shell('app', 'exit 3')] })
    await until('it was restarted three times', async () => seen.includes('terminated 3'))
    expect(seen.slice(0, seen.indexOf('terminated 3') + 1)).toEqual([
      'waiting 0',
      'running 0',
      'terminated 0',
      // The first restart has no back-off.
      'running 1',
      'terminated 1',
      'waiting 1',
      'running 2',
      'terminated 2',
      'waiting 2',
      'running 3',
      'terminated 3',
    ])
  } finally {
    stop()
  }
})

test('a program that is not there is a StartError, and the container is tried again', async () => {
  const reasons = new Set<string | undefined>()
  const stop = cluster.api.watch(Pods, {
    onEvent: ({ object }) => {
      if (object.metadata.name === 'nothing') reasons.add(app(object as Pod)?.state.waiting?.reason)
    },
  })
  await createPod(cluster, 'nothing', {
    containers: [{ name: 'app', image: 'host', command: ['/no/such/binary'] }],
  })
  const message =
    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/no/such/binary": stat /no/such/binary: no such file or directory'
  const pod = await untilPod(
    cluster,
    'nothing',
    'cannot be started',
    (each) => app(each)?.state.waiting?.reason === 'RunContainerError',
  )
  expect(app(pod)).toMatchObject({
    state: { waiting: { reason: 'RunContainerError', message } },
    lastState: { terminated: { exitCode: 128, reason: 'StartError', message, startedAt: '1970-01-01T00:00:00Z' } },
  })
  // It is shown for a moment only, before the next try.
  await until('it backs off', async () => reasons.has('CrashLoopBackOff'))
  stop()
  const failed = (await eventsAbout(cluster, 'nothing')).find((event) => event.reason === 'Failed')
  expect(failed?.message).toBe(`Error: ${message}`)
})

test('a bare word that is not on PATH is named', async () => {
  await createPod(cluster, 'word', {
    restartPolicy: 'Never',
    containers: [{ name: 'app', image: 'host', command: ['gunicorn'] }],
  })
  const pod = await untilPod(cluster, 'word', 'has failed', (each) => each.status?.phase === 'Failed')
  expect(app(pod)?.state.terminated).toMatchObject({
    exitCode: 128,
    reason: 'StartError',
    message: expect.stringContaining('exec: "gunicorn": executable file not found in $PATH'),
  })
})

test('a missing Secret holds the container back until it is there', async () => {
  await createPod(cluster, 'needy', {
    containers: [shell('app', 'echo "key is $KEY"; sleep 1000', { envFrom: [{ secretRef: { name: 'late' } }] })],
  })
  const pod = await untilPod(
    cluster,
    'needy',
    'lacks its secret',
    (each) => app(each)?.state.waiting?.reason === 'CreateContainerConfigError',
  )
  expect(app(pod)?.state.waiting?.message).toBe('secret "late" not found')
  expect(pod.status?.phase).toBe('Pending')
  const failed = (await eventsAbout(cluster, 'needy')).find((event) => event.reason === 'Failed')
  expect(failed?.message).toBe('Error: secret "late" not found')
  await cluster.api.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'late', namespace: NAMESPACE },
    data: { KEY: Buffer.from('found').toString('base64') },
  } as Parameters<typeof cluster.api.create>[0])
  const running = await untilPod(cluster, 'needy', 'runs', (each) => each.status?.phase === 'Running')
  await until('it has its key', async () => (await readPodLog(cluster, running)) === 'key is found\n')
})

test('an image that cannot be had: ErrImagePull, then ImagePullBackOff', async () => {
  await createPod(cluster, 'foreign', { containers: [{ name: 'app', image: 'nosuch.invalid/none:1' }] })
  await untilPod(cluster, 'foreign', 'cannot pull', (each) => app(each)?.state.waiting?.reason === 'ErrImagePull')
  const pod = await untilPod(
    cluster,
    'foreign',
    'backs off',
    (each) => app(each)?.state.waiting?.reason === 'ImagePullBackOff',
  )
  const failure = 'failed to pull image "nosuch.invalid/none:1": not found'
  expect(app(pod)?.state.waiting?.message).toBe(
    `Back-off pulling image "nosuch.invalid/none:1": ErrImagePull: ${failure}`,
  )
  expect(app(pod)).toMatchObject({ lastState: {}, restartCount: 0, imageID: '', started: false })
  const events = (await eventsAbout(cluster, 'foreign')).map(({ reason, message }) => [reason, message])
  expect(events.slice(1)).toEqual([
    ['Pulling', 'Pulling image "nosuch.invalid/none:1"'],
    ['Failed', `Failed to pull image "nosuch.invalid/none:1": ${failure}`],
    ['Failed', 'Error: ErrImagePull'],
    ['BackOff', 'Back-off pulling image "nosuch.invalid/none:1"'],
    ['Failed', 'Error: ImagePullBackOff'],
  ])
})

test.each([
  {
    pod: 'absent',
    container: { image: 'nosuch.invalid/none:1', imagePullPolicy: 'Never' },
    reason: 'ErrImageNeverPull',
    event: 'ErrImageNeverPull',
    message: 'Container image "nosuch.invalid/none:1" is not present with pull policy of Never',
  },
  {
    pod: 'misnamed',
    container: { image: 'Team/App:v1' },
    reason: 'InvalidImageName',
    event: 'InspectFailed',
    message:
      'Failed to apply default image tag "Team/App:v1": couldn\'t parse image name "Team/App:v1": invalid reference format: repository name (App) must be lowercase',
  },
])('an image that will never be had: $reason', async ({ pod, container, reason, event, message }) => {
  await createPod(cluster, pod, { containers: [{ name: 'app', ...container }] })
  const waiting = await untilPod(cluster, pod, 'says so', (each) => app(each)?.state.waiting?.reason === reason)
  expect(waiting.status?.phase).toBe('Pending')
  expect(app(waiting)?.state).toEqual({ waiting: { reason, message } })
  const events = (await eventsAbout(cluster, pod)).map((each) => [each.reason, each.message])
  expect(events.slice(1)).toEqual([
    [event, message],
    ['Failed', `Error: ${reason}`],
  ])
})

test.each([
  ['configMapKeyRef', 'configmap "settings" not found'],
  ['secretKeyRef', 'secret "settings" not found'],
])('a missing object of a %s is named', async (field, message) => {
  const name = field.toLowerCase()
  const env = [{ name: 'KEY', valueFrom: { [field]: { name: 'settings', key: 'key' } } }]
  await createPod(cluster, name, { containers: [shell('app', 'sleep 1000', { env })] })
  const pod = await untilPod(cluster, name, 'says so', (each) => app(each)?.state.waiting?.message !== undefined)
  expect(app(pod)?.state).toEqual({ waiting: { reason: 'CreateContainerConfigError', message } })
})

test('a missing key of a ConfigMap is named', async () => {
  await cluster.api.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'keys', namespace: NAMESPACE },
  })
  const env = [{ name: 'KEY', valueFrom: { configMapKeyRef: { name: 'keys', key: 'other' } } }]
  await createPod(cluster, 'keyless', { containers: [shell('app', 'sleep 1000', { env })] })
  const pod = await untilPod(cluster, 'keyless', 'says so', (each) => app(each)?.state.waiting?.message !== undefined)
  const message = `couldn't find key other in ConfigMap ${NAMESPACE}/keys`
  expect(app(pod)?.state).toEqual({ waiting: { reason: 'CreateContainerConfigError', message } })
  const failed = (await eventsAbout(cluster, 'keyless')).find(({ reason }) => reason === 'Failed')
  expect(failed?.message).toBe(`Error: ${message}`)
})

test('init containers run one after the other, before everything else', async () => {
  await createPod(cluster, 'ordered', {
    restartPolicy: 'Never',
    initContainers: [shell('first', 'sleep 0.2; echo 1 >> "$HOME/order"'), shell('second', 'echo 2 >> "$HOME/order"')],
    containers: [shell('app', 'cat "$HOME/order"')],
  })
  const pod = await untilPod(cluster, 'ordered', 'is done', (each) => each.status?.phase === 'Succeeded')
  expect(await readPodLog(cluster, pod)).toBe('1\n2\n')
  expect(
    pod.status?.initContainerStatuses?.map((each) => [each.name, each.ready, each.state.terminated?.exitCode]),
  ).toEqual([
    ['first', true, 0],
    ['second', true, 0],
  ])
})

test('a failing init container keeps the pod from beginning', async () => {
  await createPod(cluster, 'migrating', {
    initContainers: [shell('migrate', 'exit 2')],
    containers: [shell('app', 'sleep 1000')],
  })
  const pod = await untilPod(
    cluster,
    'migrating',
    'backs off',
    (each) => each.status?.initContainerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff',
  )
  expect(pod.status?.phase).toBe('Pending')
  expect(app(pod)?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
  expect(pod.status?.conditions?.find((each) => each.type === 'Initialized')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: 'containers with incomplete status: [migrate]',
  })
})

test('a sidecar starts first, stays, and does not keep a finished pod alive', async () => {
  await createPod(cluster, 'helped', {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 2,
    initContainers: [shell('proxy', 'touch "$HOME/proxy"; sleep 1000', { restartPolicy: 'Always' })],
    containers: [shell('app', 'while [ ! -e "$HOME/proxy" ]; do sleep 0.05; done; echo with proxy')],
  })
  const ending = await untilPod(
    cluster,
    'helped',
    'has done its work',
    (each) => app(each)?.state.terminated !== undefined,
  )
  // The sidecar may be gone by then.
  if (ending.status?.initContainerStatuses?.[0]?.state.running !== undefined) {
    expect(ending.status.phase).toBe('Running')
    expect(ending.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [app]',
    })
  }
  const pod = await untilPod(cluster, 'helped', 'is done', (each) => each.status?.phase === 'Succeeded')
  expect(await readPodLog(cluster, pod)).toBe('with proxy\n')
  await untilPod(
    cluster,
    'helped',
    'has ended its sidecar',
    (each) => each.status?.initContainerStatuses?.[0]?.state.terminated !== undefined,
  )
  const killing = (await eventsAbout(cluster, 'helped')).filter(({ reason }) => reason === 'Killing')
  expect(killing.map(({ message }) => message)).toEqual(['Stopping container proxy'])
})

test('OnFailure restarts until it works', async () => {
  await createPod(cluster, 'retry', {
    restartPolicy: 'OnFailure',
    containers: [shell('app', 'if [ -e "$HOME/tried" ]; then echo worked; else touch "$HOME/tried"; exit 1; fi')],
  })
  const pod = await untilPod(cluster, 'retry', 'has succeeded', (each) => each.status?.phase === 'Succeeded')
  expect(app(pod)).toMatchObject({
    restartCount: 1,
    state: { terminated: { exitCode: 0 } },
    lastState: { terminated: { exitCode: 1 } },
  })
})
