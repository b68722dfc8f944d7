import type { DeviceLoginAnswer, DeviceLoginStarted, DeviceLoginView } from '@slipway/domain'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiServer, call, sessionJwt, startApiServer } from './testing/api-server.ts'
import { createAccount, createTokenFor, PASSWORD, type TestAccount } from './testing/place.ts'

const MINUTE_MS = 60_000
let server: ApiServer
let account: TestAccount
let own: Record<string, string>
let count = 0
beforeAll(async () => {
  server = await startApiServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  account = await createAccount(server, `person${++count}@acme.example`)
  own = { authorization: `Bearer ${await sessionJwt(server, account)}`, 'x-test-address': `192.0.2.${count}` }
  // The limits count for an address, so each test has one of its own; the clock of the one before may have been moved.
  server.advance(11 * MINUTE_MS)
})

const mutate = (path: string, input: unknown, headers: Record<string, string> = {}) =>
  call(server, 'mutation', path, input, headers)
const start = async (input: object = {}, address = `198.51.100.${count}`) => {
  const { data } = await mutate('device.start', { computer: 'laptop', ...input }, { 'x-test-address': address })
  return data as DeviceLoginStarted
}
const look = (code: string, headers = own) => call(server, 'query', 'device.get', { code }, headers)
const poll = async (secret: string) => {
  const { data } = await mutate('device.poll', { secret }, { 'x-test-address': `198.51.100.${count}` })
  return data as DeviceLoginAnswer
}
/** Polls when it is time to. */
const pollLater = (secret: string) => {
  server.advance(6_000)
  return poll(secret)
}
const approve = async (code: string, change: object = {}) => {
  const { request, scope, expiresInDays } = (await look(code)).data as DeviceLoginView
  return mutate('device.approve', { code, request, scope, expiresInDays, ...change }, own)
}
const freshSession = async () => {
  own = { ...own, authorization: `Bearer ${await sessionJwt(server, account)}` }
}
const summaries = async () => {
  const { data } = await call(server, 'query', 'account.events', {}, own)
  return (data as { items: { summary: string }[] }).items.map(({ summary }) => summary)
}

describe('a command line is let in through a browser', () => {
  test('the person sees who asks, approves, and the token comes once, with its scope and expiry', async () => {
    await freshSession()
    const { secret, code, url, intervalSeconds } = await start({ computer: 'ada-laptop', scope: 'deploy' })
    expect([code, url, intervalSeconds]).toEqual([
      expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      `${server.origin}/cli-login`,
      2,
    ])
    expect(await poll(secret)).toEqual({ status: 'pending', intervalSeconds: 2 })
    const shown = (await look(code.replace('-', ' ').toLowerCase())).data
    expect(shown).toMatchObject({
      ...{ code, computer: 'ada-laptop', address: `198.51.100.${count}`, sameNetwork: false },
      ...{ scope: 'deploy', expiresInDays: 90 },
    })
    expect((await approve(code, { scope: 'read', expiresInDays: 7 })).status).toBe(200)
    const [first, second] = await Promise.all([pollLater(secret), poll(secret)])
    const approved = [first, second].find(({ status }) => status === 'approved')
    if (approved?.status !== 'approved') throw new Error(`${first.status}, ${second.status}`)
    expect([first.status, second.status].sort()).toEqual(['approved', 'expired'])
    const { token } = approved
    expect(token).toMatchObject({ name: 'slipway on ada-laptop', scope: 'read' })
    expect(Date.parse(token.expiresAt ?? '') - Date.parse(token.createdAt)).toBeGreaterThan(6 * 24 * 60 * MINUTE_MS)
    const byToken = await call(server, 'query', 'account.get', undefined, { authorization: `Bearer ${token.secret}` })
    expect(byToken.data).toMatchObject({ email: account.email })
    expect(await pollLater(secret)).toEqual({ status: 'expired' })
    expect((await summaries()).slice(0, 2)).toEqual([
      'Created the API token slipway on ada-laptop (read).',
      `Approved the sign-in of the command line on ada-laptop at 198.51.100.${count} (read, 7 days).`,
    ])
  })

  test('whether it asks from the network of who looks is said; this machine has several addresses', async () => {
    for (const [from, to, same] of [
      ['127.0.0.1', '::1', true],
      ['2001:db8:0:7::1', '2001:db8:0:7:ffff::2', true],
      ['203.0.113.1', '203.0.113.2', false],
    ] as const) {
      const { code } = await start({}, from)
      expect((await look(code, { ...own, 'x-test-address': to })).data).toMatchObject({ sameNetwork: same })
    }
  })

  test('what is refused stays refused', async () => {
    const { secret, code } = await start()
    const { request } = (await look(code)).data as DeviceLoginView
    expect((await mutate('device.refuse', { code, request }, own)).status).toBe(200)
    expect((await look(code)).status).toBe(404)
    expect(await poll(secret)).toEqual({ status: 'refused' })
    expect(await pollLater(secret)).toEqual({ status: 'expired' })
    expect(await summaries()).toContain(`Refused the sign-in of the command line on laptop at 198.51.100.${count}.`)
  })

  test('a code is good for ten minutes', async () => {
    const { secret, code } = await start()
    server.advance(10 * MINUTE_MS)
    expect(await poll(secret)).toEqual({ status: 'expired' })
    expect([(await look(code)).status, (await look(code)).error?.message]).toEqual([
      404,
      expect.stringContaining('slipway login'),
    ])
    await start()
    expect(await server.database.db.client.deviceLogin.count()).toBe(1)
  })

  test('who polls too soon is told to slow down, and has to', async () => {
    const { secret } = await start()
    expect(await poll(secret)).toEqual({ status: 'pending', intervalSeconds: 2 })
    expect(await poll(secret)).toEqual({ status: 'slow_down', intervalSeconds: 7 })
    server.advance(3_000)
    expect(await poll(secret)).toEqual({ status: 'slow_down', intervalSeconds: 12 })
    server.advance(12_000)
    expect(await poll(secret)).toEqual({ status: 'pending', intervalSeconds: 12 })
  })
})

describe('attacks', () => {
  test('wrong codes are slowed by address', async () => {
    const codes = await Promise.all(Array.from({ length: 14 }, () => look('BBBB-BBBB')))
    const statuses = codes.map(({ status }) => status).sort()
    expect([statuses.filter((status) => status === 404).length, statuses.at(-1)]).toEqual([10, 429])
    expect(codes.find(({ status }) => status === 429)?.error?.message).toContain('Try again in')
    const { code } = await start()
    expect((await look(code)).status).toBe(429)
    expect((await look(code, { ...own, 'x-test-address': '203.0.113.77' })).status).toBe(200)
  })

  test('an approval is for what was shown: not for another request, nor for one that was decided on', async () => {
    await freshSession()
    const [first, second] = [await start(), await start({ computer: 'evil' })]
    const { request } = (await look(first.code)).data as DeviceLoginView
    const crossed = { code: second.code, request, scope: 'full', expiresInDays: 90 }
    expect((await mutate('device.approve', crossed, own)).status).toBe(404)
    expect(await poll(second.secret)).toMatchObject({ status: 'pending' })
    expect((await approve(first.code)).status).toBe(200)
    expect((await mutate('device.approve', { ...crossed, code: first.code }, own)).status).toBe(404)
    expect((await mutate('device.refuse', { code: first.code, request }, own)).status).toBe(404)
  })

  test('it needs a session or token of full scope, the password again, and a page of ours', async () => {
    const { code } = await start()
    expect((await look(code, {})).status).toBe(401)
    const { secret } = await createTokenFor(server, account, null, 'deploy')
    expect((await look(code, { ...own, authorization: `Bearer ${secret}` })).status).toBe(403)
    server.advance(0)
    const asked = await approve(code)
    expect([asked.status, asked.error?.data.details]).toEqual([403, { password: 'required' }])
    const { request } = (await look(code)).data as DeviceLoginView
    const input = { code, request, scope: 'full', expiresInDays: 1, password: PASSWORD }
    const foreign = { ...own, origin: 'https://evil.example' }
    expect((await mutate('device.approve', input, foreign)).status).toBe(403)
    expect((await mutate('device.start', { computer: 'x' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await mutate('device.approve', { ...input, expiresInDays: null }, own)).status).toBe(400)
    expect((await mutate('device.approve', input, own)).status).toBe(200)
  })

  test('what a computer calls itself can neither hide nor turn text round', async () => {
    const { code } = await start({ computer: 'a\u202eb\u001b[31mc\nd' })
    expect((await look(code)).data).toMatchObject({ computer: 'abc d' })
  })

  test('of one network twenty wait at the same time; others are let in', async () => {
    const network = `2001:db8:0:${count}`
    for (let i = 0; i < 20; i++) expect(await start({}, `${network}::${i + 1}`)).toBeDefined()
    const more = await mutate('device.start', { computer: 'x' }, { 'x-test-address': `${network}::ffff` })
    expect([more.status, more.error?.message]).toEqual([429, expect.stringContaining('from your network')])
    expect(await start()).toBeDefined()
  })

  test('approved is worth nothing once the password has changed or the account is deactivated', async () => {
    await freshSession()
    const [first, second] = [await start(), await start()]
    await approve(first.code)
    const change = { current: PASSWORD, next: 'a new and long password' }
    expect((await mutate('account.changePassword', change, own)).status).toBe(200)
    expect(await pollLater(first.secret)).toEqual({ status: 'expired' })
    expect((await approve(second.code)).status).toBe(200)
    const { client } = server.database.db
    await client.user.update({ where: { id: account.id }, data: { deactivatedAt: new Date() } })
    expect(await pollLater(second.secret)).toEqual({ status: 'refused' })
    expect(await client.apiToken.count({ where: { userId: account.id } })).toBe(0)
  })
})
