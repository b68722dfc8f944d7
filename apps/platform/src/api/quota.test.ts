import { observeRelease } from '@slipway/db'
import { type AppRef, foresee, planRelease, planScale, type QuotaView, UNLIMITED } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiServer, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import { createTeamWithRoles, type TestTeam } from './testing/place.ts'

let server: ApiServer
let team: TestTeam
beforeAll(async () => {
  server = await startApiServer()
  team = await createTeamWithRoles(server, 'acme')
})
afterAll(() => server.stop())

const api = () => callAs(server, team.members.owner.caller)

async function newApp(project: string, app = 'web'): Promise<AppRef> {
  await api().project.create({ team: 'acme', project, name: project })
  const ref = { team: 'acme', project, environment: 'production', app }
  await api().app.create({ ...ref, source: { kind: 'image', image: 'nginx:1' } })
  return ref
}

async function observe(ref: AppRef, number: number, status: 'live' | 'failed') {
  const app = await server.database.db.client.app.findFirstOrThrow({
    where: { slug: ref.app, environment: { project: { slug: ref.project } } },
  })
  await observeRelease(server.database.db, { appId: app.id, number, status, message: null, now: new Date() })
}

const boundsOf = (quota: QuotaView, { project }: AppRef) =>
  quota.environments.find((each) => each.project === project)?.bounds

/** What the pre-flight says of a scale, and what the platform does. */
async function bothOf(ref: AppRef, instances: number, cpuMillis = 100) {
  const [app, quota] = await Promise.all([api().app.get(ref), api().quota.get(ref)])
  const draft = { web: { instances, cpuMillis, memoryMiB: 256 } }
  const { refusal } = foresee(quota, ref, planScale(app, draft))
  const scaling = api().app.scale({ ...ref, processes: [{ name: 'web', instances, cpuMillis }] })
  const refused = await scaling.then(
    () => null,
    async () => (await errorOf(scaling)).message,
  )
  return { refusal, refused, quota }
}

describe('quota (13): gauge, pre-flight and refusal agree', () => {
  test.each([
    ['in the team’s quota', { ...UNLIMITED, instances: 3 }, UNLIMITED],
    ['in an allocation', UNLIMITED, { ...UNLIMITED, instances: 3 }],
  ])('on a scale %s', async (_name, teamLimits, limits) => {
    await api().quota.set({ team: 'acme', limits: UNLIMITED })
    const ref = await newApp(limits === UNLIMITED ? 'by-team' : 'by-env')
    await observe(ref, 1, 'live')
    await api().quota.set({ team: 'acme', limits: teamLimits })
    await api().quota.allocate({ ...ref, limits })
    const taken = (await bothOf(ref, 1)).quota
    expect(boundsOf(taken, ref)?.instances).toMatchObject({ limit: 3, taken: 1, free: 2 })
    const tooMany = await bothOf(ref, 4)
    expect(tooMany.refusal).toContain('needs 3 instances, 2 instances left of 3 instances in the')
    expect(tooMany.refused).toBe(`Scaling web: 1 → 4 instances ${tooMany.refusal}`)
    expect(await bothOf(ref, 3)).toMatchObject({ refusal: null, refused: null })
    await api().app.delete({ ...ref, confirm: ref.app })
  })

  test('while the app itself rolls out, and after its release failed', async () => {
    await api().quota.set({ team: 'acme', limits: UNLIMITED })
    const ref = await newApp('rolling')
    await api().quota.allocate({ ...ref, limits: { ...UNLIMITED, instances: 3 } })
    for (const status of ['rolling', 'failed', 'live'] as const) {
      if (status !== 'rolling') await observe(ref, 1, status)
      const surge = status === 'live' ? 0 : 1
      const quota = await api().quota.get(ref)
      expect(boundsOf(quota, ref)?.instances).toMatchObject({ taken: 1 + surge, free: 2 - surge })
      const tooMany = await bothOf(ref, 4)
      // Its own surge is replaced by what the change needs.
      expect(tooMany.refusal).toContain('needs 3 instances, 2 instances left of 3 instances')
      expect(tooMany.refused).toBe(`Scaling web: 1 → 4 instances ${tooMany.refusal}`)
    }
    expect(await bothOf(ref, 3)).toMatchObject({ refusal: null, refused: null })
    const resized = await bothOf(ref, 3, 200)
    expect(resized.refusal).toContain('A rolling update briefly runs one extra instance')
    expect(resized.refused).toBe(`Scaling web: 100m → 200m CPU ${resized.refusal}`)
  })

  test('on a deploy, a rollback and a config change, whose surge does not fit', async () => {
    const ref = { team: 'acme', project: 'rolling', environment: 'production', app: 'web' }
    const app = await api().app.get(ref)
    const { refusal } = foresee(await api().quota.get(ref), ref, planRelease(app))
    expect(refusal).toContain(
      'needs 1 instance, 0 instances left of 3 instances in the allocation of rolling/production.',
    )
    const deploy = await errorOf(api().release.deployImage({ ...ref, image: 'nginx:2' }))
    const config = await errorOf(api().config.update({ ...ref, set: { KEY: 'value' } }))
    for (const { message } of [deploy, config]) expect(message).toBe(`The release v2 of web ${refusal}`)
    await api().app.scale({ ...ref, processes: [{ name: 'web', instances: 2 }] })
    expect(foresee(await api().quota.get(ref), ref, planRelease(await api().app.get(ref))).refusal).toBeNull()
    await api().release.deployImage({ ...ref, image: 'nginx:2' })
    await observe(ref, 2, 'live')
    await api().app.scale({ ...ref, processes: [{ name: 'web', instances: 3 }] })
    const now = await api().app.get(ref)
    const first = now.recentReleases.find(({ number }) => number === 1)
    const back = foresee(await api().quota.get(ref), ref, planRelease(now, first?.processes))
    expect((await errorOf(api().release.rollback({ ...ref, release: 1 }))).message).toBe(
      `The release v3 of web ${back.refusal}`,
    )
  })

  test('on an app’s first release, and says that nothing is measured where nothing measures', async () => {
    await api().project.create({ team: 'acme', project: 'small', name: 'small' })
    const ref = { team: 'acme', project: 'small', environment: 'production', app: 'web' }
    await api().quota.allocate({ ...ref, limits: { ...UNLIMITED, memoryMiB: 128 } })
    const quota = await api().quota.get(ref)
    expect([quota.team.used, quota.environments.map(({ used }) => used), quota.capacity]).toEqual([
      null,
      quota.environments.map(() => null),
      null,
    ])
    const { refusal } = foresee(quota, ref, planRelease(null))
    const create = api().app.create({ ...ref, source: { kind: 'image', image: 'nginx:1' } })
    expect((await errorOf(create)).message).toBe(`The release v1 of web ${refusal}`)
  })
})

test('quota (13): what nodes cannot hold is foreseen as a wait, and not refused', async () => {
  const ref = { team: 'acme', project: 'rolling', environment: 'production', app: 'web' }
  const capacity = {
    allocatable: { cpuMillis: 2000, memoryMiB: 4096, instances: 110 },
    reserved: { cpuMillis: 1700, memoryMiB: 1024, instances: 9 },
  }
  const quota = { ...(await api().quota.get(ref)), capacity }
  const draft = { web: { instances: 3, cpuMillis: 400, memoryMiB: 256 } }
  const app = await api().app.get(ref)
  expect(foresee(quota, ref, planScale(app, draft)).waits).toBe(
    'The cluster’s nodes have no capacity for it now: 1300m CPU are needed and 300m CPU free of 2000m CPU. New instances wait until there is more.',
  )
})
