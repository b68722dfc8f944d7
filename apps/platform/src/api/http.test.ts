import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkOf } from '../auth/login-limiter.ts'
import { type ApiServer, call, sessionJwt, startApiServer } from './testing/api-server.ts'
import { createAccount, createTeamWithRoles, createTokenFor, PASSWORD, type TestTeam } from './testing/place.ts'

let server: ApiServer
let team: TestTeam
beforeAll(async () => {
  server = await startApiServer()
  team = await createTeamWithRoles(server, 'acme')
})
afterAll(() => server.stop())

const asCookie = async (account: TestTeam['members']['owner']) => ({
  cookie: `theme=dark; slipway.session-token=${await sessionJwt(server, account)}`,
})

describe('sessions', () => {
  test('the cookie of a sign-in and the same JWT as bearer are the account', async () => {
    const { owner } = team.members
    const byCookie = await call(server, 'query', 'account.get', undefined, await asCookie(owner))
    expect(byCookie.data).toMatchObject({ email: owner.email, teams: [{ team: 'acme', role: 'owner' }] })
    const authorization = `Bearer ${await sessionJwt(server, owner)}`
    expect((await call(server, 'query', 'account.get', undefined, { authorization })).status).toBe(200)
  })

  test('a cookie that was cut in parts is put together', async () => {
    const jwt = await sessionJwt(server, team.members.owner)
    const cookie = `__Secure-slipway.session-token.1=${jwt.slice(50)}; __Secure-slipway.session-token.0=${jwt.slice(0, 50)}`
    expect((await call(server, 'query', 'account.get', undefined, { cookie })).status).toBe(200)
  })

  test.each([
    ['nothing', {}, 'Sign in'],
    ['a forged cookie', { cookie: 'slipway.session-token=eyJhbGciOiJub25lIn0.e30.' }, 'session has ended'],
    ['a bearer of nonsense', { authorization: 'Bearer nonsense' }, 'session has ended'],
    ['an unknown token', { authorization: 'Bearer slp_unknown' }, 'not valid'],
  ])('%s is answered 401 with a reason', async (_, headers, message) => {
    const answer = await call(server, 'query', 'account.get', undefined, headers)
    expect(answer.status).toBe(401)
    expect(answer.error?.data.appCode).toBe('unauthenticated')
    expect(answer.error?.message).toContain(message)
  })

  test('an expired session and one from before the password changed do not count', async () => {
    const account = await createAccount(server, 'changes@acme.example')
    const old = { authorization: `Bearer ${await sessionJwt(server, account)}` }
    const expired = { authorization: `Bearer ${await sessionJwt(server, account, -60)}` }
    expect((await call(server, 'query', 'account.get', undefined, expired)).status).toBe(401)
    const input = { current: PASSWORD, next: 'another long password' }
    const other = { authorization: `Bearer ${await sessionJwt(server, account)}` }
    expect((await call(server, 'mutation', 'account.changePassword', input, other)).status).toBe(200)
    expect((await call(server, 'query', 'account.get', undefined, other)).status).toBe(200)
    expect((await call(server, 'query', 'account.get', undefined, old)).status).toBe(401)
    const verify = (password: string) =>
      call(server, 'mutation', 'session.verifyPassword', { email: account.email, password })
    expect((await verify(PASSWORD)).status).toBe(401)
    expect((await verify('another long password')).status).toBe(200)
  })

  test('a mutation must come from our own pages or from a program, signed in or not', async () => {
    const cookie = await asCookie(team.members.owner)
    const create = (slug: string, headers: Record<string, string>) =>
      call(server, 'mutation', 'project.create', { team: 'acme', project: slug, name: slug }, headers)
    const foreign = await create('foreign', { ...cookie, origin: 'https://evil.example' })
    expect(foreign.status).toBe(403)
    expect(foreign.error?.message).toContain('another site')
    const sibling = server.origin.replace('localhost', 'web.shop-production.localhost')
    expect((await create('sibling', { ...cookie, origin: sibling })).status).toBe(403)
    expect((await create('cross', { ...cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await create('own', { ...cookie, origin: server.origin })).status).toBe(200)
    const { secret } = await createTokenFor(server, team.members.owner)
    const token = { authorization: `Bearer ${secret}` }
    expect((await create('token', token)).status).toBe(200)
    expect((await create('token-2', { ...token, origin: 'https://evil.example' })).status).toBe(403)
    const login = { email: 'nobody@acme.example', password: 'wrong', tokenName: 'x' }
    const anonymous = await call(server, 'mutation', 'session.login', login, { origin: 'https://evil.example' })
    expect(anonymous.status).toBe(403)
  })
})

describe('API tokens', () => {
  test('one that was made works until it is revoked', async () => {
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
    const login = await call(server, 'mutation', 'session.login', {
      email: team.members.developer.email,
      password: PASSWORD,
      tokenName: 'laptop',
    })
    const { id, secret } = login.data as { id: string; secret: string }
    expect(secret).toMatch(/^slp_[\w-]{43}$/)
    const list = await call(server, 'query', 'token.list', undefined, bearer(secret))
    expect(list.data).toMatchObject([{ id, name: 'laptop', hint: secret.slice(0, 8) }])
    expect(JSON.stringify(list.data)).not.toContain(secret)
    const { secret: other } = await createTokenFor(server, team.members.viewer)
    expect((await call(server, 'mutation', 'token.revoke', { token: id }, bearer(other))).status).toBe(404)
    expect((await call(server, 'mutation', 'token.revoke', { token: id }, bearer(secret))).status).toBe(200)
    const revoked = await call(server, 'query', 'token.list', undefined, bearer(secret))
    expect(revoked.status).toBe(401)
    expect(revoked.error?.message).toContain('was revoked')
  })

  test('one that has expired does not work any more, and only its hash is stored', async () => {
    const account = await createAccount(server, 'expires@acme.example')
    const { secret } = await createTokenFor(server, account, new Date(Date.now() + 3_600_000))
    const headers = { authorization: `Bearer ${secret}` }
    expect((await call(server, 'query', 'account.get', undefined, headers)).status).toBe(200)
    server.advance(3_600_001)
    const expired = await call(server, 'query', 'account.get', undefined, headers)
    server.advance(-3_600_001)
    expect(expired.error?.message).toContain('has expired')
    const row = await server.database.db.client.apiToken.findFirstOrThrow({ where: { userId: account.id } })
    expect(JSON.stringify(row)).not.toContain(secret.slice(8))
    expect(row.lastUsedAt).not.toBeNull()
  })
})

describe('guessing passwords', () => {
  const guess = (email: string, address: string, password = 'wrong password') =>
    call(server, 'mutation', 'session.verifyPassword', { email, password }, { 'x-test-address': address })

  test('an account takes ten wrong tries a minute from one address, also all at once; its owner elsewhere gets in', async () => {
    await createAccount(server, 'guessed@acme.example')
    const tries = Array.from({ length: 15 }, () => guess('guessed@acme.example', '10.0.0.1'))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect((await guess('guessed@acme.example', '10.0.0.2', PASSWORD)).status).toBe(200)
    const limited = await guess('guessed@acme.example', '10.0.0.1', PASSWORD)
    expect(limited.status).toBe(429)
    expect(limited.error?.data.appCode).toBe('rate_limited')
    expect(limited.error?.data.details).toMatchObject({ retryAfterMs: expect.any(Number) })
    expect(limited.error?.message).toMatch(/Try again in \d+ s/)
  })

  test('an address takes thirty wrong tries a minute, whatever account they are for', async () => {
    for (let i = 0; i < 30; i++) expect((await guess(`nobody${i}@acme.example`, '10.9.9.9')).status).toBe(401)
    expect((await guess('nobody99@acme.example', '10.9.9.9')).status).toBe(429)
    expect((await guess('nobody99@acme.example', '10.9.9.8')).status).toBe(401)
  })

  test('addresses of one IPv6 network count together', () => {
    expect(networkOf('2001:db8:0:7:1:2:3:4')).toBe('2001:db8:0:7::/64')
    expect(networkOf('2001:DB8:0000:0007::9')).toBe('2001:db8:0:7::/64')
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  })

  test('right ones are not counted', async () => {
    const { email } = await createAccount(server, 'right@acme.example')
    for (let i = 0; i < 12; i++) expect((await guess(email, '10.8.8.8', PASSWORD)).status).toBe(200)
  })

  test('unknown addresses and wrong passwords are answered alike', async () => {
    const unknown = await guess('unknown@acme.example', '10.7.7.7')
    const wrong = await guess(team.members.admin.email, '10.7.7.7')
    expect(wrong.error?.message).toBe(unknown.error?.message)
  })
})
