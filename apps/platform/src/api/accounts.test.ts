import { createSession } from '@slipway/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import { ensureAdmin } from '../auth/ensure-admin.ts'
import { isSetupCode, setupCodeOf } from '../auth/setup-code.ts'
import { type ApiServer, call, SETUP_CODE, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import { callerOf as callerOfUser, createAccount } from './testing/place.ts'

let server: ApiServer
beforeAll(async () => {
  server = await startApiServer()
})
afterAll(() => server.stop())

const as = (caller: Caller | null) => callAs(server, caller)

const operator = { code: SETUP_CODE, email: 'op@acme.example', name: 'Op', password: 'a password of the operator' }
let op: Caller

async function callerOf(email: string): Promise<Caller> {
  return callerOfUser(await server.database.db.client.user.findUniqueOrThrow({ where: { email } }))
}

test('the first account needs the setup code; wrong ones are slowed down', async () => {
  const make = (code: unknown, address: string, headers: Record<string, string> = {}) =>
    call(
      server,
      'mutation',
      'setup.createFirstAccount',
      { ...operator, code },
      { 'x-test-address': address, ...headers },
    )
  expect((await make(undefined, '192.0.2.1')).error?.data.appCode).toBe('invalid_input')
  expect(await make(SETUP_CODE, '192.0.2.1', { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  for (let tries = 1; tries <= 10; tries++) {
    const { error } = await make(`wrong-${tries}`, '192.0.2.1')
    expect(error?.data.appCode).toBe('forbidden')
    expect(error?.message).toMatch(/in the link that Slipway printed/)
  }
  expect((await make('wrong', '192.0.2.1')).error?.data.appCode).toBe('rate_limited')
  expect((await make('wrong', '192.0.2.2')).error?.data.appCode).toBe('forbidden')
  expect(await server.database.db.client.user.count()).toBe(0)
})

test('every replica knows the same setup code, another database or key another one; how it is typed does not matter', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  const code = setupCodeOf(key, 'abc')
  expect(code).toMatch(/^([2-9a-hjkmnp-z]{5}-){3}[2-9a-hjkmnp-z]{5}$/)
  expect(setupCodeOf(key, 'abc')).toBe(code)
  expect(setupCodeOf(key, 'abd')).not.toBe(code)
  expect(setupCodeOf(Buffer.alloc(32, 8).toString('base64'), 'abc')).not.toBe(code)
  expect(isSetupCode(` ${code.toUpperCase().replaceAll('-', ' ')} `, code)).toBe(true)
  for (const wrong of ['', '-', code.slice(1), `${code}2`]) expect(isSetupCode(wrong, code), wrong).toBe(false)
})

test('of several that make the first account at once, one does; then the door is closed', async () => {
  expect(await as(null).setup.status()).toMatchObject({ needsFirstAccount: true, capabilities: { builds: true } })
  const tries = Array.from({ length: 4 }, (_, i) =>
    as(null).setup.createFirstAccount(i === 0 ? operator : { ...operator, email: `late${i}@acme.example` }),
  )
  const made = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
  expect(made).toHaveLength(1)
  expect(await server.database.db.client.user.count()).toBe(1)
  expect(await as(null).setup.status()).toMatchObject({ needsFirstAccount: false })
  expect((await errorOf(as(null).setup.createFirstAccount(operator))).code).toBe('conflict')
  expect(await ensureAdmin(server.database.db, 'Admin@acme.example', 'a long enough password')).toBe(false)
  const only = await server.database.db.client.user.findFirstOrThrow()
  op = await callerOf(only.email)
  expect(op.operator).toBe(true)
})

test('an unattended start makes the account once, from checked values', async () => {
  const unattended = await startApiServer()
  try {
    const { db } = unattended.database
    await expect(ensureAdmin(db, 'nobody', 'long enough password')).rejects.toThrow('SLIPWAY_ADMIN_EMAIL')
    await expect(ensureAdmin(db, 'a@b.example', 'short')).rejects.toThrow('SLIPWAY_ADMIN_PASSWORD')
    const both = [
      ensureAdmin(db, 'A@b.example', 'long enough password'),
      ensureAdmin(db, 'a@b.example', 'long enough 2'),
    ]
    expect((await Promise.all(both)).sort()).toEqual([false, true])
    expect(await db.client.user.findMany()).toMatchObject([{ email: 'a@b.example', operator: true }])
  } finally {
    await unattended.stop()
  }
})

test('an invitation makes an account, or a member of one that proves itself; its link works once', async () => {
  await as(op).team.create({ team: 'acme', name: 'Acme' })
  const invite = (email: string) => as(op).invitation.create({ team: 'acme', email, role: 'developer' })
  const secretOf = ({ path }: { path: string }) => path.replace('/invite/', '')
  const earlier = secretOf(await invite('New@acme.example'))
  const token = secretOf(await invite('new@acme.example'))
  expect((await errorOf(as(null).invitation.get({ token: earlier }))).code).toBe('not_found')
  const offer = await as(null).invitation.get({ token })
  expect(offer).toMatchObject({ team: 'acme', email: 'new@acme.example', role: 'developer', hasAccount: false })
  expect((await errorOf(as(null).invitation.accept({ token }))).code).toBe('invalid_input')
  const account = { token, name: 'New', password: 'the password of new' }
  const both = await Promise.allSettled([as(null).invitation.accept(account), as(null).invitation.accept(account)])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const developer = await callerOf('new@acme.example')
  expect((await as(developer).account.get()).teams).toMatchObject([{ team: 'acme', role: 'developer' }])

  await as(developer).team.create({ team: 'second', name: 'Second' })
  const known = secretOf(await as(developer).invitation.create({ team: 'second', email: op.email, role: 'viewer' }))
  expect((await errorOf(as(null).invitation.accept({ token: known }))).message).toContain(`Sign in as ${op.email}`)
  expect((await errorOf(as(developer).invitation.accept({ token: known }))).code).toBe('unauthenticated')
  expect(await as(op).invitation.accept({ token: known })).toEqual({ team: 'second' })
  const late = secretOf(
    await as(developer).invitation.create({ team: 'second', email: 'late@x.example', role: 'viewer' }),
  )
  server.advance(7 * 24 * 3_600_000 + 1)
  expect((await errorOf(as(null).invitation.get({ token: late }))).code).toBe('not_found')
  server.advance(-7 * 24 * 3_600_000 - 1)
})

test('an invitation ends with the rights of who invited', async () => {
  const boss = await newMember('boss@rights.example', null)
  await as(boss).team.create({ team: 'rights', name: 'Rights' })
  const admin = await newMember('admin@rights.example', 'rights')
  const secretFor = async (email: string) =>
    (await as(admin).invitation.create({ team: 'rights', email, role: 'admin' })).path.replace('/invite/', '')
  const [first, second] = [await secretFor('one@rights.example'), await secretFor('two@rights.example')]
  const account = { name: 'One', password: 'the password of one' }
  await as(boss).member.setRole({ team: 'rights', email: admin.email, role: 'developer' })
  for (const call of [
    () => as(null).invitation.get({ token: first }),
    () => as(null).invitation.accept({ token: first, ...account }),
  ]) {
    const { code, message } = await errorOf(call())
    expect([code, message]).toEqual(['forbidden', expect.stringContaining('may no longer invite to Rights as admin')])
  }
  await as(boss).member.setRole({ team: 'rights', email: admin.email, role: 'admin' })
  await as(null).invitation.accept({ token: first, ...account })
  await as(boss).member.remove({ team: 'rights', email: admin.email })
  const gone = await errorOf(as(null).invitation.accept({ token: second, ...account }))
  expect(gone.message).toContain('admin, who invited you, is no longer in Rights. Ask an owner or admin')
  expect(await server.database.db.client.user.count({ where: { email: 'two@rights.example' } })).toBe(0)
})

test('an operator’s link sets a forgotten password once, ends sessions, and tells the account', async () => {
  const lost = await newMember('lost@acme.example', null)
  const link = async () => {
    const { url } = await as(op).account.createResetLink({ email: 'Lost@acme.example' })
    return new URL(url).pathname.replace('/reset/', '')
  }
  const session = await createSession(server.database.db, {
    ...{ userId: lost.userId, device: 'Firefox', address: '192.0.2.1', now: new Date() },
  })
  const [earlier, token] = [await link(), await link()]
  const next = { token, password: 'a password that stays' }
  expect((await errorOf(as(null).reset.get({ token: earlier }))).code).toBe('not_found')
  expect(await as(null).reset.get({ token })).toEqual({ email: 'lost@acme.example' })
  server.advance(24 * 3_600_000 + 1)
  expect((await errorOf(as(null).reset.use(next))).message).toContain('has expired or was already used')
  server.advance(-24 * 3_600_000 - 1)
  const both = await Promise.allSettled([as(null).reset.use(next), as(null).reset.use(next)])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await server.database.db.client.session.count({ where: { id: session.id } })).toBe(0)
  const signedIn = await as(null).session.verifyPassword({ email: 'lost@acme.example', password: next.password })
  expect(signedIn.email).toBe('lost@acme.example')
  const { items } = await as(lost).account.events({})
  const told = [`${op.email} created a password reset link.`, 'Set a new password with a link, which ended 1 session.']
  expect(items.map(({ summary }) => summary)).toEqual(expect.arrayContaining(told))
  expect((await errorOf(as(lost).account.createResetLink({ email: op.email }))).code).toBe('forbidden')
  expect((await errorOf(as(op).account.createResetLink({ email: 'nobody@acme.example' }))).code).toBe('not_found')
})

/** An account, as an admin of the team where one is named. */
async function newMember(email: string, team: string | null): Promise<Caller> {
  const { id, caller } = await createAccount(server, email)
  const at = team && (await server.database.db.client.team.findUniqueOrThrow({ where: { slug: team } }))
  if (at) await server.database.db.client.membership.create({ data: { teamId: at.id, userId: id, role: 'admin' } })
  return caller
}

test('nobody hands out more than they hold, and a team keeps an owner', async () => {
  const member = { team: 'acme', email: 'new@acme.example' }
  await as(op).member.setRole({ ...member, role: 'admin' })
  const admin = await callerOf(member.email)
  expect((await errorOf(as(admin).member.setRole({ ...member, role: 'owner' }))).code).toBe('forbidden')
  expect((await errorOf(as(admin).member.remove({ team: 'acme', email: op.email }))).code).toBe('forbidden')
  const invitation = { team: 'acme', email: 'x@acme.example', role: 'owner' } as const
  expect((await errorOf(as(admin).invitation.create(invitation))).code).toBe('forbidden')
  const last = await errorOf(as(op).member.setRole({ team: 'acme', email: op.email, role: 'viewer' }))
  expect(last.message).toContain('only owner')
  await as(op).member.setRole({ ...member, role: 'owner' })
  const left = await as(op).member.remove({ team: 'acme', email: op.email })
  expect(left.map(({ email }) => email)).toEqual([member.email])
  expect((await errorOf(as(op).team.get({ team: 'acme' }))).code).toBe('not_found')
  await as(admin)
    .invitation.create({ team: 'acme', email: op.email, role: 'owner' })
    .then(({ path }) => as(op).invitation.accept({ token: path.replace('/invite/', '') }))
})
