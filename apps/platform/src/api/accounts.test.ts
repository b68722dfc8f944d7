import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import { ensureAdmin } from '../auth/ensure-admin.ts'
import { type ApiServer, startApiServer } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'

let server: ApiServer
beforeAll(async () => {
  server = await startApiServer()
})
afterAll(() => server.stop())

const as = (caller: Caller | null) => callAs(server, caller)

const operator = { email: 'op@acme.example', name: 'Op', password: 'a password of the operator' }
let op: Caller

async function callerOf(email: string): Promise<Caller> {
  const user = await server.database.db.client.user.findUniqueOrThrow({ where: { email } })
  return { userId: user.id, email, name: user.name, operator: user.operator, via: 'token' }
}

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
