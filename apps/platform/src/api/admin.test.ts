import { UNLIMITED } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkPassword } from '../auth/check-password.ts'
import { appRouter } from './index.ts'
import type { ProcedureMeta } from './procedures.ts'
import { type ApiServer, call, sessionJwt, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import {
  createAccount,
  createFullApp,
  createTeamWithRoles,
  createTokenFor,
  PASSWORD,
  type TestAccount,
  type TestTeam,
} from './testing/place.ts'

let server: ApiServer
let team: TestTeam
let op: TestAccount
beforeAll(async () => {
  server = await startApiServer()
  team = await createTeamWithRoles(server, 'acme')
  op = await createOperator('op@ops.example')
})
afterAll(() => server.stop())

async function createOperator(email: string): Promise<TestAccount> {
  const account = await createAccount(server, email)
  await server.database.db.client.user.update({ where: { id: account.id }, data: { operator: true } })
  return { ...account, caller: { ...account.caller, operator: true } }
}

const asOp = () => callAs(server, op.caller)
const asOwner = () => callAs(server, team.members.owner.caller)

describe('operator (9): the guard', () => {
  const paths = Object.entries<unknown>(appRouter._def.procedures)
    .filter(([, each]) => (each as { _def: { meta?: ProcedureMeta } })._def.meta?.access === 'operator')
    .map(([path, each]) => ({ path, type: (each as { _def: { type: 'query' | 'mutation' } })._def.type }))

  test.each(paths)('$path is for operators only, owners of teams included', async ({ path, type }) => {
    expect(await call(server, type, path, {})).toMatchObject({ status: 401 })
    const { secret } = await createTokenFor(server, team.members.owner)
    const answer = await call(server, type, path, {}, { authorization: `Bearer ${secret}` })
    expect([answer.status, answer.error?.data.appCode]).toEqual([403, 'forbidden'])
    expect(answer.error?.message).toContain('Only operators of this installation')
  })

  test('all of admin.* has it, and who is no operator learns whom to ask', async () => {
    const all = Object.keys(appRouter._def.procedures).filter(
      (path) => path.startsWith('admin.') || path === 'account.createResetLink',
    )
    expect(paths.map(({ path }) => path).sort()).toEqual(all.sort())
    expect(await asOwner().account.operators()).toEqual(['op'])
  })
})

describe('operator (9): quotas', () => {
  test('what an operator set, only operators change, until it is handed back', async () => {
    const limits = { ...UNLIMITED, instances: 4 }
    await asOwner().quota.set({ team: 'acme', limits })
    expect(await asOwner().quota.get({ team: 'acme' })).toMatchObject({ byOperator: false })
    await asOp().admin.setQuota({ team: 'acme', limits: { ...limits, instances: 2 } })
    const refused = await errorOf(asOwner().quota.set({ team: 'acme', limits: UNLIMITED }))
    expect(refused).toMatchObject({ code: 'forbidden', message: expect.stringContaining('An operator') })
    const quota = await asOwner().quota.get({ team: 'acme' })
    expect(quota).toMatchObject({ byOperator: true, team: { limits: { instances: 2 } } })
    await asOp().admin.setQuota({ team: 'acme', limits: null })
    await asOwner().quota.set({ team: 'acme', limits: UNLIMITED })
    const { items } = await asOp().admin.audit({})
    expect(items.map(({ action, subject, actor }) => [action, subject, actor])).toEqual([
      ['quota.set', 'acme', op.email],
      ['quota.set', 'acme', op.email],
    ])
    const seen = await asOwner().audit.list({ team: 'acme' })
    expect(seen.items.filter(({ actor }) => actor === op.email)).toHaveLength(2)
  })

  test('a team’s admin goes on allocating what an operator set, and a refusal names whom to ask', async () => {
    const { ref } = await createFullApp(server, team)
    await asOp().admin.setQuota({ team: 'acme', limits: { ...UNLIMITED, instances: 4 } })
    const limits = { ...UNLIMITED, instances: 9 }
    const refused = await errorOf(callAs(server, team.members.admin.caller).quota.allocate({ ...ref, limits }))
    expect(refused.message).toMatch(/needs 9 instances, .* ask an operator of this installation for more\.$/)
    await callAs(server, team.members.admin.caller).quota.allocate({ ...ref, limits: { ...UNLIMITED, instances: 3 } })
    const { items } = await asOp().admin.teams({ search: 'ACM' })
    expect(items).toEqual([
      expect.objectContaining({ team: 'acme', byOperator: true, owners: ['owner'], apps: 1, used: null }),
    ])
    expect(items[0]).toMatchObject({ taken: { instances: 3 }, limits: { instances: 4 } })
    expect((await asOp().admin.cluster()).promised).toMatchObject({ cpuMillis: null, instances: 4 })
  })

  test('an operator who owns a team sets its quota as before', async () => {
    await asOp().team.create({ team: 'mine', name: 'Mine' })
    for (const instances of [3, 5]) await asOp().quota.set({ team: 'mine', limits: { ...UNLIMITED, instances } })
    expect(await asOp().quota.get({ team: 'mine' })).toMatchObject({ team: { limits: { instances: 5 } } })
  })
})

describe('operator (9): who may make teams', () => {
  test('is a setting, and the console knows', async () => {
    const caller = () => callAs(server, team.members.developer.caller)
    expect(await caller().account.get()).toMatchObject({ mayCreateTeams: true })
    await asOp().admin.updateSettings({ teamCreation: 'operators' })
    expect(await caller().account.get()).toMatchObject({ mayCreateTeams: false })
    const refused = await errorOf(caller().team.create({ team: 'hers', name: 'Hers' }))
    expect(refused).toMatchObject({ code: 'forbidden', message: expect.stringContaining('Only operators') })
    await asOp().team.create({ team: 'theirs', name: 'Theirs' })
    await asOp().admin.updateSettings({ teamCreation: 'everyone' })
    await caller().team.create({ team: 'hers', name: 'Hers' })
  })
})

describe('operator (9): accounts', () => {
  test('are listed in pages and found by a part of name or address, taken as typed', async () => {
    const first = await asOp().admin.accounts({ limit: 2 })
    expect(first.items).toHaveLength(2)
    const second = await asOp().admin.accounts({ limit: 2, cursor: first.nextCursor })
    const emails = [...first.items, ...second.items].map(({ email }) => email)
    expect(new Set(emails).size).toBe(4)
    const found = await asOp().admin.accounts({ search: 'VIEWER@ACME' })
    expect(found.items).toEqual([
      expect.objectContaining({ email: 'viewer@acme.example', teams: ['acme'], operator: false, deactivatedAt: null }),
    ])
    for (const search of ['%', '_', '\\'])
      expect((await asOp().admin.accounts({ search })).items, `a ${search} is no wildcard`).toEqual([])
  })

  test('a deactivated one cannot sign in, its sessions and tokens are good for nothing; reactivated it can', async () => {
    const account = await createAccount(server, 'leaver@acme.example')
    const { secret } = await createTokenFor(server, account)
    const cookie = `slipway.session-token=${await sessionJwt(server, account)}`
    const get = (headers: Record<string, string>) => call(server, 'query', 'account.get', undefined, headers)
    const byToken = { authorization: `Bearer ${secret}` }
    expect([(await get(byToken)).status, (await get({ cookie })).status]).toEqual([200, 200])
    await asOp().admin.setActive({ email: account.email, active: false })
    expect(await get(byToken)).toMatchObject({
      status: 401,
      error: { message: expect.stringContaining('deactivated') },
    })
    expect(await get({ cookie })).toMatchObject({ status: 401 })
    const who = { ...server.dependencies, address: '127.0.0.1' }
    const signIn = (password: string) => checkPassword(who, { email: account.email, password })
    expect(await errorOf(signIn(PASSWORD))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('deact'),
    })
    // Who does not know the password learns nothing.
    expect(await errorOf(signIn('wrong password'))).toMatchObject({ code: 'unauthenticated' })
    await asOp().admin.setActive({ email: account.email, active: true })
    expect([(await get(byToken)).status, (await get({ cookie })).status]).toEqual([200, 401])
    expect(await signIn(PASSWORD)).toMatchObject({ email: account.email })
  })

  test('there is always an operator, also when the last two leave at once', async () => {
    const only = await errorOf(asOp().admin.setOperator({ email: op.email, operator: false }))
    expect(only).toMatchObject({ code: 'conflict', message: expect.stringContaining('only operator') })
    expect((await errorOf(asOp().admin.setActive({ email: op.email, active: false }))).code).toBe('conflict')
    const second = await createAccount(server, 'second@ops.example')
    for (let round = 0; round < 5; round++) {
      await asOp().admin.setOperator({ email: second.email, operator: true })
      const results = await Promise.allSettled([
        asOp().admin.setOperator({ email: second.email, operator: false }),
        asOp().admin.setActive({ email: op.email, active: false }),
      ])
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const { user } = server.database.db.client
      expect(await user.count({ where: { operator: true, deactivatedAt: null } })).toBe(1)
      await user.update({ where: { id: op.id }, data: { deactivatedAt: null } })
      await user.update({ where: { id: second.id }, data: { operator: false } })
    }
    expect((await errorOf(asOp().admin.setOperator({ email: 'no@body.example', operator: true }))).code).toBe(
      'not_found',
    )
  })
})

test('operator (9): builds of all teams are seen and cancelled, and both audits say who did it', async () => {
  const other = await createTeamWithRoles(server, 'other')
  const at = await createFullApp(server, other)
  const builds = await asOp().admin.builds()
  expect(builds).toContainEqual(expect.objectContaining({ ref: { ...at.ref, build: 1 }, status: 'queued' }))
  expect((await asOp().admin.health()).builds).toMatchObject({ queued: builds.length, running: 0, limit: 2 })
  await asOp().admin.cancelBuild({ ...at.ref, build: 1 })
  expect((await asOp().admin.builds()).map(({ ref }) => ref.team)).not.toContain('other')
  expect((await asOp().admin.audit({ limit: 1 })).items[0]).toMatchObject({ action: 'build.cancel', actor: op.email })
  const seen = await callAs(server, other.members.owner.caller).audit.list({ team: 'other' })
  expect(seen.items[0]).toMatchObject({ action: 'build.cancel', actor: op.email })
  expect((await errorOf(asOp().admin.cancelBuild({ ...at.ref, build: 1 }))).code).toBe('conflict')
})
