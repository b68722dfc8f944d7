import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsAbout, NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import type { Pod } from '../types/pod.ts'
import { Events, Jobs, Pods } from '../types/resources.ts'
import { finishedAt } from './job.ts'
import { formatIndexes, parseIndexes } from './job-indexes.ts'
import type { Job } from './job-objects.ts'
import { call, eventLines, follow, path, readRecording, steps } from './testing/http.ts'

let aheadMs = 0
let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ now: () => Date.now() + aheadMs })
})
afterAll(() => cluster?.stop())

const jobs = path('batch/v1', 'jobs')
const jobOf = async (name: string) => (await call(cluster, 'GET', `${jobs}/${name}`)) as Job
const podsOf = async (name: string) =>
  (await cluster.api.list<Pod>(Pods, { namespace: NAMESPACE, labelSelector: `job-name=${name}` })).items
const finished = (name: string) =>
  until(`job ${name} has ended`, async () => {
    const job = await jobOf(name)
    return finishedAt(job) !== null && job
  })
const endings = (job: Job) => (job.status?.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`)
/** Lets time pass for the controllers, and has them look. */
async function pass(name: string, seconds: number): Promise<void> {
  aheadMs += seconds * 1000
  const body = { metadata: { annotations: { touched: String(aheadMs) } } }
  await cluster.api.patch(Jobs, { namespace: NAMESPACE, name }, { type: 'merge', body })
}

function manifest(name: string, script: string, more: Record<string, unknown> = {}, restartPolicy = 'Never') {
  const container = { name: 'run', image: 'busybox:1.35', command: ['sh', '-c', script] }
  const template = { spec: { restartPolicy, terminationGracePeriodSeconds: 0, containers: [container] } }
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...more } }
}

describe('as recorded on a real cluster', () => {
  test.each(['job-success', 'job-failure'])('%s', async (scenario) => {
    const recording = readRecording(scenario)
    const streams = [follow(cluster, Jobs), follow(cluster, Events), follow(cluster, Pods)] as const
    const [first] = recording.exchanges
    await call(cluster, 'POST', jobs, { body: first?.request.body })
    await until('a pod has ended', async () =>
      (await podsOf('j')).some(({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed'),
    )
    await until('it is counted', async () => {
      const { failed = 0, succeeded = 0 } = (await jobOf('j')).status ?? {}
      return failed + succeeded === 1
    })
    if (scenario === 'job-failure') {
      // Failures hold the next pod back for ten seconds.
      expect(await podsOf('j')).toHaveLength(1)
      await pass('j', 10)
    }
    const job = await finished('j')
    await until('the event is there', async () => (await eventsAbout(cluster, 'j')).length >= 2)
    for (const each of streams) each.stop()
    await call(cluster, 'DELETE', `${jobs}/j?propagationPolicy=Background`)
    await until('its pods are gone', async () => (await podsOf('j')).length === 0)

    const shape = (object: unknown) =>
      JSON.parse(JSON.stringify(pick(object, 'status')), (key, value) => {
        if (/Time$/.test(key)) return 'time'
        if (key === 'succeeded' || key === 'failed') return Array.isArray(value) ? value.length : value
        return value
      })
    const ours = steps(streams[0].events, shape)
    const theirs = steps(recording.watch.jobs ?? [], shape)
    const text = (value: unknown) => JSON.stringify(Object.entries(value as object).sort())
    const known = theirs.map(text)
    // A pod that was ready for less than a second was not seen so by the real controller, or the other way round.
    const isFleeting = (value: unknown) => pick(value, 'active') === 1
    expect(ours.filter((each) => !isFleeting(each)).map(text)).toEqual(
      theirs.filter((each) => !isFleeting(each)).map(text),
    )
    expect(ours.every((each) => isFleeting(each) || known.includes(text(each)))).toBe(true)
    expect(shape(job)).toEqual(shape(recording.final.jobs?.[0]))
    const name = (line: string) => line.replace(/j-[a-z0-9]{5}/, 'j-POD')
    const lines = (list: readonly { object: unknown }[]) => eventLines(list, 'Job', name)
    expect(lines(streams[1].events)).toEqual(lines(recording.watch.events ?? []))
    const held = (object: unknown) => pick(object, 'metadata.finalizers')
    const [pod] = streams[2].events
    expect(held(pod?.object)).toEqual(held(recording.watch.pods?.[0]?.object))
  })
})

test('runs as many at once as are wanted until enough have succeeded', async () => {
  await call(cluster, 'POST', jobs, { body: manifest('many', 'sleep 0.2', { completions: 5, parallelism: 2 }) })
  let most = 0
  const stop = cluster.api.watch(Jobs, {
    namespace: NAMESPACE,
    onEvent: ({ object }) => {
      if (object.metadata.name === 'many') most = Math.max(most, (object as Job).status?.active ?? 0)
    },
  })
  const job = await finished('many')
  stop()
  expect(job.status).toMatchObject({ succeeded: 5, uncountedTerminatedPods: {} })
  expect(most).toBe(2)
  expect(await podsOf('many')).toHaveLength(5)
})

test('an indexed Job runs each index once and tells it to the program', async () => {
  const more = { completions: 3, parallelism: 3, completionMode: 'Indexed' }
  await call(cluster, 'POST', jobs, { body: manifest('indexed', 'test -n "$JOB_COMPLETION_INDEX"', more) })
  const job = await finished('indexed')
  expect(job.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  const pods = await podsOf('indexed')
  expect(pods.map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index']).sort()).toEqual(
    ['0', '1', '2'],
  )
  expect(pods.map(({ spec }) => spec.hostname).sort()).toEqual(['indexed-0', 'indexed-1', 'indexed-2'])
  expect(pods[0]?.metadata.name).toMatch(/^indexed-\d-[a-z0-9]{5}$/)
})

test('an index that fails too often ends alone, and with the others the Job', async () => {
  const more = { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 }
  await call(cluster, 'POST', jobs, { body: manifest('one-bad', 'exit "$JOB_COMPLETION_INDEX"', more) })
  const job = await finished('one-bad')
  expect(job.status).toMatchObject({ succeeded: 1, failed: 1, completedIndexes: '0', failedIndexes: '1' })
  expect(endings(job)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes'])
})

test('a success policy ends the Job when its indexes have succeeded', async () => {
  const more = {
    completions: 2,
    parallelism: 2,
    completionMode: 'Indexed',
    successPolicy: { rules: [{ succeededIndexes: '0' }] },
  }
  await call(cluster, 'POST', jobs, {
    body: manifest('leader', 'test "$JOB_COMPLETION_INDEX" = 0 || sleep 10000', more),
  })
  const job = await finished('leader')
  expect(endings(job)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy'])
  expect(job.status).toMatchObject({ succeeded: 1, completedIndexes: '0' })
})

test('a deadline ends the running pods first, then the Job', async () => {
  await call(cluster, 'POST', jobs, { body: manifest('late', 'sleep 10000', { activeDeadlineSeconds: 30 }) })
  await until('it runs', async () => (await jobOf('late')).status?.ready === 1)
  const { events, stop } = follow(cluster, Jobs)
  await pass('late', 31)
  const job = await finished('late')
  stop()
  expect(endings(job)).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded'])
  expect(job.status).toMatchObject({ failed: 1, ready: 0 })
  expect(job.status?.active).toBeUndefined()
  expect(steps(events, (object) => endings(object as Job).length)).toEqual([0, 1, 2])
  const about = await until('the event', async () => {
    const found = await eventsAbout(cluster, 'late')
    return found.some(({ reason }) => reason === 'DeadlineExceeded') && found
  })
  expect(about.map(({ reason }) => reason)).toEqual(['SuccessfulCreate', 'SuccessfulDelete', 'DeadlineExceeded'])
})

test('the failure policy ends the Job at a code, and passes over another', async () => {
  const rule = (action: string, values: number[]) => ({ action, onExitCodes: { operator: 'In', values } })
  const podFailurePolicy = { rules: [rule('FailJob', [42]), rule('Ignore', [7])] }
  await call(cluster, 'POST', jobs, { body: manifest('fatal', 'exit 42', { podFailurePolicy }) })
  const job = await finished('fatal')
  const [pod] = await podsOf('fatal')
  expect(job.status?.conditions?.at(-1)).toMatchObject({
    type: 'Failed',
    reason: 'PodFailurePolicy',
    message: `Container run for pod ${NAMESPACE}/${pod?.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
  })
  await call(cluster, 'POST', jobs, { body: manifest('passed', 'exit 7', { podFailurePolicy, backoffLimit: 0 }) })
  await until('a second pod is tried', async () => (await podsOf('passed')).length > 1)
  expect((await jobOf('passed')).status?.failed).toBeUndefined()
  await call(cluster, 'DELETE', `${jobs}/passed?propagationPolicy=Background`)
})

test('rests while suspended and begins again', async () => {
  await call(cluster, 'POST', jobs, { body: manifest('rest', 'sleep 10000', { suspend: true }) })
  const resting = await until('it rests', async () => {
    const job = await jobOf('rest')
    return job.status?.conditions?.[0]?.reason === 'JobSuspended' && job
  })
  expect(resting.status?.startTime).toBeUndefined()
  const change = (suspend: boolean) => call(cluster, 'PATCH', `${jobs}/rest`, { body: { spec: { suspend } } })
  await change(false)
  await until('it runs', async () => (await jobOf('rest')).status?.ready === 1)
  expect((await jobOf('rest')).status?.conditions).toMatchObject([
    { type: 'Suspended', status: 'False', reason: 'JobResumed' },
  ])
  await change(true)
  await until('its pod is gone', async () => (await podsOf('rest')).length === 0)
  const job = await jobOf('rest')
  expect(job.status?.failed).toBeUndefined()
  expect((await eventsAbout(cluster, 'rest')).map(({ reason }) => reason)).toEqual([
    // Its pods are seen to before it is said that it goes on.
    'Suspended',
    'SuccessfulCreate',
    'Resumed',
    'SuccessfulDelete',
  ])
})

test('is removed with its pods some time after it has ended', async () => {
  await call(cluster, 'POST', jobs, { body: manifest('old', 'true', { ttlSecondsAfterFinished: 100 }) })
  await finished('old')
  await pass('old', 99)
  expect((await jobOf('old')).metadata.name).toBe('old')
  await pass('old', 2)
  await until('it is gone', async () => (await cluster.api.get(Jobs, { namespace: NAMESPACE, name: 'old' })) === null)
  await until('its pods are gone', async () => (await podsOf('old')).length === 0)
})

test('restarts in place count against the limit', async () => {
  await call(cluster, 'POST', jobs, { body: manifest('again', 'exit 1', { backoffLimit: 1 }, 'OnFailure') })
  expect(endings(await finished('again'))).toEqual([
    'FailureTarget BackoffLimitExceeded',
    'Failed BackoffLimitExceeded',
  ])
})

test.each([
  ['', []],
  ['1', [1]],
  ['1,2', [1, 2]],
  ['0-2,5,7-9', [0, 1, 2, 5, 7, 8, 9]],
])('indexes %s', (text, numbers) => {
  expect([...parseIndexes(text)]).toEqual(numbers)
  expect(formatIndexes(numbers)).toBe(text)
})
