import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsAbout, NAMESPACE, startTestCluster, type TestCluster, until } from '../node/testing/cluster.ts'
import { pick } from '../testing/api.ts'
import { CronJobs, Events, Jobs } from '../types/resources.ts'
import type { Job } from './job-objects.ts'
import { call, eventLines, follow, path, readRecording, steps } from './testing/http.ts'
import type { CronJob } from './workload-objects.ts'

/** The controllers' clock runs ahead of the machine's, so that minutes pass when a test says so. */
let aheadMs = 0
let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ now: () => Date.now() + aheadMs })
})
afterAll(() => cluster?.stop())

const crons = path('batch/v1', 'cronjobs')
const cronOf = async (name: string) => (await call(cluster, 'GET', `${crons}/${name}`)) as CronJob
const jobsOf = async (name: string) =>
  (await cluster.api.list<Job>(Jobs, { namespace: NAMESPACE })).items.filter(
    ({ metadata }) => metadata.ownerReferences?.[0]?.name === name,
  )
let touches = 0
/** Lets minutes pass and has the controller look. */
async function pass(name: string, minutes: number): Promise<void> {
  aheadMs += minutes * 60_000
  touches += 1
  await cluster.api.patch(
    CronJobs,
    { namespace: NAMESPACE, name },
    { type: 'merge', body: { metadata: { annotations: { touched: String(touches) } } } },
  )
}

function manifest(name: string, command: string[], more: Record<string, unknown> = {}) {
  const container = { name: 'run', image: 'busybox:1.35', command }
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container] } }
  const spec = { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...more }
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec }
}

test('as recorded on a real cluster: a Job at each time, its end seen, the oldest removed', async () => {
  const recording = readRecording('cronjob')
  const streams = [follow(cluster, CronJobs), follow(cluster, Events), follow(cluster, Jobs)] as const
  const [{ request }] = recording.exchanges as [(typeof recording.exchanges)[number]]
  await call(cluster, 'POST', crons, { body: request.body })
  for (let count = 1; count <= 3; count += 1) {
    await pass('tick', 1)
    await until(`run ${count} was seen to succeed`, async () => {
      const seen = (await eventsAbout(cluster, 'tick')).filter(({ reason }) => reason === 'SawCompletedJob')
      return seen.length === count
    })
  }
  await pass('tick', 0)
  for (const each of streams) each.stop()
  await cluster.api.delete(CronJobs, { namespace: NAMESPACE, name: 'tick' })
  const [cronEvents, events, jobs] = streams
  const shape = (object: unknown) => {
    const status = pick(object, 'status') as CronJob['status']
    return {
      active: status?.active?.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`),
      scheduled: status?.lastScheduleTime !== undefined,
      succeeded: status?.lastSuccessfulTime !== undefined,
    }
  }
  expect(steps(cronEvents.events, shape)).toEqual(steps(recording.watch.cronjobs ?? [], shape))
  const names = (text: string) => text.replace(/tick-\d+/, 'tick-TIME')
  const lines = (list: readonly { object: unknown }[]) => eventLines(list, 'CronJob', names)
  expect(lines(events.events).sort()).toEqual(lines(recording.watch.events ?? []).sort())
  const came = (list: readonly { type: string; object: unknown }[]) =>
    list.filter(({ type }) => type !== 'MODIFIED').map(({ type }) => type)
  expect(came(jobs.events)).toEqual(came(recording.watch.jobs ?? []))
  const job = jobs.events[0]?.object
  expect(job?.metadata.name).toBe(
    `tick-${Date.parse(String(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'])) / 60_000}`,
  )
})

test('Forbid waits for the run before, Replace ends it, Allow runs beside it', async () => {
  const sleep = ['sleep', '10000']
  for (const concurrencyPolicy of ['Forbid', 'Replace', 'Allow']) {
    const name = concurrencyPolicy.toLowerCase()
    await call(cluster, 'POST', crons, { body: manifest(name, sleep, { concurrencyPolicy }) })
    await pass(name, 1)
    await until('one runs', async () => ((await cronOf(name)).status?.active?.length ?? 0) > 0)
  }
  const before = (await jobsOf('replace')).map(({ metadata }) => metadata.name)
  const running = (await jobsOf('allow')).length
  await pass('forbid', 1)
  await until('it says that it waits', async () =>
    (await eventsAbout(cluster, 'forbid')).some(({ reason }) => reason === 'JobAlreadyActive'),
  )
  await pass('replace', 0)
  const replaced = await until('the next runs', async () => {
    const jobs = (await jobsOf('replace')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    return jobs.length === 1 && !before.includes(jobs[0]?.metadata.name ?? '') && jobs
  })
  await pass('allow', 0)
  await until('one more runs', async () => ((await cronOf('allow')).status?.active?.length ?? 0) > running)
  expect(await jobsOf('forbid')).toHaveLength(1)
  expect((await cronOf('replace')).status?.active).toEqual([
    {
      kind: 'Job',
      apiVersion: 'batch/v1',
      namespace: NAMESPACE,
      name: replaced[0]?.metadata.name,
      uid: replaced[0]?.metadata.uid,
      resourceVersion: expect.any(String),
    },
  ])
  for (const name of ['forbid', 'replace', 'allow']) await call(cluster, 'DELETE', `${crons}/${name}`)
})

test('starts the latest of the times that were missed, none that is past its deadline, none while suspended', async () => {
  await call(cluster, 'POST', crons, { body: manifest('late', ['true'], { suspend: true }) })
  await pass('late', 240)
  await until('it was looked at', async () => (await cronOf('late')).metadata.annotations?.touched !== undefined)
  expect(await jobsOf('late')).toEqual([])
  const now = Date.now() + aheadMs
  await call(cluster, 'PATCH', `${crons}/late`, { body: { spec: { suspend: false } } })
  const [job] = await until('one Job', async () => {
    const jobs = await jobsOf('late')
    return jobs.length > 0 && jobs
  })
  expect(Number(job?.metadata.name.replace('late-', ''))).toBeGreaterThanOrEqual(Math.floor(now / 60_000))
  expect((await eventsAbout(cluster, 'late')).map(({ reason }) => reason)).toContain('TooManyMissedTimes')
  await call(cluster, 'DELETE', `${crons}/late`)
})

test.each([
  [{ schedule: '* * * *' }, 'spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
  [{ timeZone: 'Mars/Base' }, 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  [
    { schedule: 'TZ=UTC * * * * *' },
    'spec.schedule: Invalid value: "TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ],
])('%j is refused', async (more, message) => {
  const body = manifest('bad', ['true'], more)
  const answer = await call(cluster, 'POST', crons, { body, expected: 422 })
  expect(pick(answer, 'message')).toBe(`CronJob.batch "bad" is invalid: ${message}`)
})
