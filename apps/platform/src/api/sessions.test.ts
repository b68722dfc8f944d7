import { PERMISSIONS, type Permission, scopeAllows, scopeFor, TOKEN_SCOPES } from '@slipway/domain'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiServer, call, sessionJwt, startApiServer } from './testing/api-server.ts'
import {
  createAccount,
  createFullApp,
  createTeamWithRoles,
  createTokenFor,
  PASSWORD,
  type TestAccount,
} from './testing/place.ts'

const DAY_MS = 24 * 60 * 60_000
let server: ApiServer
let account: TestAccount
let count = 0
beforeAll(async () => {
  server = await startApiServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  account = await createAccount(server, `person${++count}@acme.example`)
})

type Headers = Record<string, string>
const signIn = async (): Promise<Headers> => ({ authorization: `Bearer ${await sessionJwt(server, account)}` })
const query = (path: string, headers: Headers, input?: unknown) => call(server, 'query', path, input, headers)
const mutate = (path: string, headers: Headers, input: unknown = {}) => call(server, 'mutation', path, input, headers)
const isSignedIn = async (headers: Headers) => (await query('account.get', headers)).status === 200
const summaries = async (headers: Headers) =>
  ((await query('account.events', headers, {})).data as { items: { summary: string }[] }).items.map(
    (each) => each.summary,
  )

/** Runs `work` as if that much time had passed. */
async function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  server.advance(ms)
  try {
    return await work()
  } finally {
    server.advance(-ms)
  }
}

describe('sessions', () => {
  test('one is opened by a sign-in, from a device and an address, and listed', async () => {
    const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0' }
    const input = { email: account.email, password: PASSWORD }
    const opened = await mutate('session.verifyPassword', { ...firefox, 'x-test-address': '203.0.113.9' }, input)
    const { sessionId } = opened.data as { sessionId: string }
    const own = await signIn()
    const list = (await query('session.list', own)).data
    expect(list).toHaveLength(2)
    expect(list).toContainEqual(
      expect.objectContaining({ id: sessionId, device: 'Firefox on Linux', address: '203.0.113.9', current: false }),
    )
    expect(list).toContainEqual(expect.objectContaining({ current: true }))
    expect(await summaries(own)).toContain('Signed in with Firefox on Linux.')
  })

  test('signing out ends it at once: a copy of its cookie is worth nothing', async () => {
    const [own, other] = [await signIn(), await signIn()]
    expect(await isSignedIn(own)).toBe(true)
    expect((await mutate('session.end', own)).status).toBe(200)
    const after = await query('account.get', own)
    expect([after.status, after.error?.message]).toEqual([401, 'Your session has ended. Sign in again.'])
    expect(await isSignedIn(other)).toBe(true)
  })

  test('one that is not used ends after 14 days, and every one after 90', async () => {
    const headers = await signIn()
    expect(await later(14 * DAY_MS + 1, () => isSignedIn(headers))).toBe(false)
    for (let day = 13; day < 90; day += 13) expect(await later(day * DAY_MS, () => isSignedIn(headers))).toBe(true)
    expect(await later(90 * DAY_MS + 1, () => isSignedIn(headers))).toBe(false)
  })

  test('another one is revoked, or all others; a stranger’s is not found', async () => {
    const [own, other, third] = [await signIn(), await signIn(), await signIn()]
    const idOf = async (headers: Headers) =>
      ((await query('session.list', headers)).data as { id: string; current: boolean }[]).find((each) => each.current)
        ?.id
    const id = await idOf(other)
    const stranger = {
      authorization: `Bearer ${await sessionJwt(server, await createAccount(server, `other${count}@x.example`))}`,
    }
    expect((await mutate('session.revoke', stranger, { session: id })).status).toBe(404)
    expect(await isSignedIn(other)).toBe(true)
    expect((await mutate('session.revoke', own, { session: id })).status).toBe(200)
    expect([await isSignedIn(own), await isSignedIn(other), await isSignedIn(third)]).toEqual([true, false, true])
    expect((await mutate('session.revokeOthers', own)).data).toEqual({ ended: 1 })
    expect([await isSignedIn(own), await isSignedIn(third)]).toEqual([true, false])
    expect(await isSignedIn(stranger)).toBe(true)
  })

  test('a JWT that names no session, and one of somebody else’s, do not count', async () => {
    const other = await createAccount(server, `thief${count}@x.example`)
    const jwt = await sessionJwt(server, account)
    await server.database.db.client.session.updateMany({ where: { userId: account.id }, data: { userId: other.id } })
    expect(await isSignedIn({ authorization: `Bearer ${jwt}` })).toBe(false)
  })

  test('an account keeps the 100 that were used last', async () => {
    const first = await signIn()
    for (let i = 0; i < 100; i++) await signIn()
    expect(await isSignedIn(first)).toBe(false)
    expect(await server.database.db.client.session.count({ where: { userId: account.id } })).toBe(100)
  })

  test('a password change ends the other sessions, and the tokens where asked for', async () => {
    const [own, other] = [await signIn(), await signIn()]
    const { secret } = await createTokenFor(server, account)
    const token = { authorization: `Bearer ${secret}` }
    const next = 'a new and long password'
    expect((await mutate('account.changePassword', own, { current: PASSWORD, next })).status).toBe(200)
    expect([await isSignedIn(own), await isSignedIn(other), await isSignedIn(token)]).toEqual([true, false, true])
    const again = { current: next, next: PASSWORD, revokeTokens: true }
    expect((await mutate('account.changePassword', own, again)).status).toBe(200)
    expect([await isSignedIn(own), await isSignedIn(token)]).toEqual([true, false])
    expect((await summaries(own)).slice(0, 2)).toEqual([
      'Changed the password, which ended 1 API token.',
      'Changed the password, which ended 1 session.',
    ])
  })
})

describe('API tokens', () => {
  test('the password is asked for again before one is made, unless it was given within ten minutes', async () => {
    const headers = await signIn()
    const create = (password?: string) => mutate('token.create', headers, { name: 'ci', password })
    expect((await create()).status).toBe(200)
    await later(11 * 60_000, async () => {
      const asked = await create()
      expect([asked.status, asked.error?.data.details]).toEqual([403, { password: 'required' }])
      expect((await create('wrong password')).error?.data.details).toEqual({ password: 'wrong' })
      expect((await create(PASSWORD)).status).toBe(200)
      expect((await create()).status).toBe(200)
    })
    const { secret } = await createTokenFor(server, account)
    const byToken = { authorization: `Bearer ${secret}` }
    expect((await mutate('token.create', byToken, { name: 'child' })).status).toBe(403)
    expect((await mutate('token.create', byToken, { name: 'child', password: PASSWORD })).status).toBe(200)
  })

  test('one is good for 90 days unless it says otherwise, and what happens to it is told to its account', async () => {
    const headers = await signIn()
    const made = async (input: object) =>
      (await mutate('token.create', headers, input)).data as { id: string; expiresAt: string | null }
    const days = (expiresAt: string | null) => Math.round((Date.parse(expiresAt ?? '') - Date.now()) / DAY_MS)
    expect(days((await made({ name: 'a' })).expiresAt)).toBe(90)
    expect(days((await made({ name: 'b', expiresInDays: 7 })).expiresAt)).toBe(7)
    const forever = await made({ name: 'c', scope: 'read', expiresInDays: null })
    expect(forever.expiresAt).toBeNull()
    await mutate('token.revoke', headers, { token: forever.id })
    expect((await summaries(headers)).slice(0, 2)).toEqual([
      'Revoked the API token c.',
      'Created the API token c (read).',
    ])
  })

  test.each(TOKEN_SCOPES)('a token of scope %s may do what the table says, whatever its account may', async (scope) => {
    const team = await createTeamWithRoles(server, `scope-${scope}`)
    const { ref } = await createFullApp(server, team)
    const { id, secret } = await createTokenFor(server, team.members.owner, null, scope)
    const headers = { authorization: `Bearer ${secret}` }
    const calls: [Permission, 'query' | 'mutation', string, object][] = [
      ['app.read', 'query', 'app.get', {}],
      ['config.read', 'query', 'config.list', {}],
      ['audit.read', 'query', 'audit.list', {}],
      ['app.scale', 'mutation', 'app.scale', { processes: [{ name: 'web', instances: 1 }] }],
      ['app.deploy', 'mutation', 'release.deployImage', { image: 'nginx:3' }],
      ['config.reveal', 'query', 'config.reveal', { key: 'KEY' }],
      ['webhook.read', 'query', 'webhook.get', {}],
      ['config.write', 'mutation', 'config.update', { set: { KEY: 'x' } }],
      ['member.manage', 'query', 'invitation.list', {}],
    ]
    for (const [permission, type, path, input] of calls) {
      const { status, error } = await call(server, type, path, { ...ref, ...input }, headers)
      const isAllowed = scopeAllows(scope, scopeFor(permission))
      expect([path, status], error?.message).toEqual([path, isAllowed ? 200 : 403])
      if (!isAllowed) expect(error?.message).toContain(`has the scope ${scope}; this needs ${scopeFor(permission)}`)
    }
    expect((await query('app.list', headers, {})).status).toBe(200)
    for (const path of ['token.list', 'session.list', 'account.events'])
      expect([path, (await query(path, headers, {})).status]).toEqual([path, scope === 'full' ? 200 : 403])
    const team2 = await mutate('team.create', headers, { team: `of-${scope}`, name: 'x' })
    expect(team2.status).toBe(scope === 'full' ? 200 : 403)
    expect((await mutate('token.revoke', headers, { token: id })).status).toBe(200)
  })

  test('no scope but full changes who is in a team, shows secrets, or reaches further than its role', () => {
    for (const permission of Object.keys(PERMISSIONS) as Permission[]) {
      if (/manage|reveal|write|delete|create|update/.test(permission)) expect(scopeFor(permission)).toBe('full')
    }
  })
})

describe('account events', () => {
  test('wrong passwords are counted by address, and never push out what else happened', async () => {
    const guess = (address: string) =>
      mutate('session.verifyPassword', { 'x-test-address': address }, { email: account.email, password: 'wrong' })
    const own = await signIn()
    for (let i = 0; i < 3; i++) expect((await guess('198.51.100.7')).status).toBe(401)
    const events = await query('account.events', own, {})
    expect(events.data).toMatchObject({
      items: [{ action: 'session.failed', address: '198.51.100.7', count: 3 }, { action: 'session.create' }],
    })
    const failure = { userId: account.id, action: 'session.failed', summary: 'x', address: 'y' }
    await server.database.db.client.accountEvent.createMany({ data: Array.from({ length: 150 }, () => failure) })
    await guess('198.51.100.8')
    const kept = await server.database.db.client.accountEvent.groupBy({
      by: ['action'],
      where: { userId: account.id },
      _count: true,
      orderBy: { action: 'asc' },
    })
    expect(kept.map(({ action, _count }) => [action, _count])).toEqual([
      ['session.create', 1],
      ['session.failed', 100],
    ])
  })

  test('they are for the account alone', async () => {
    await signIn()
    const other = await createAccount(server, `curious${count}@x.example`)
    const theirs = { authorization: `Bearer ${await sessionJwt(server, other)}` }
    expect(await summaries(theirs)).toEqual(['Signed in with Firefox on Linux.'])
  })
})
