import type { AppRef, AppView } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import { type ApiServer, startApiServer, TXT_RECORDS } from './testing/api-server.ts'
import { callAs, errorOf } from './testing/callers.ts'
import { createTeamWithRoles, type TestTeam } from './testing/place.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let server: ApiServer
let ours: TestTeam
let theirs: TestTeam
beforeAll(async () => {
  server = await startApiServer()
  ours = await createTeamWithRoles(server, 'acme')
  theirs = await createTeamWithRoles(server, 'rival')
})
afterAll(() => server.stop())

const as = (team: TestTeam) => callAs(server, team.members.owner.caller)
const domainOf = (app: AppView, hostname: string) => app.domains.find((each) => each.hostname === hostname)
let count = 0
async function newApp(team: TestTeam): Promise<AppRef> {
  count += 1
  const slug = team === ours ? 'acme' : 'rival'
  const project = `p${count}`
  await as(team).project.create({ team: slug, project, name: project })
  const ref = { team: slug, project, environment: 'production', app: 'web' }
  await as(team).app.create({ ...ref, source: { kind: 'git' } })
  return ref
}

describe('addresses that are Slipway’s, others’ or nobody’s', () => {
  test('IP addresses, Slipway’s own hosts, generated names and wildcards are refused', async () => {
    const ref = await newApp(ours)
    const add = (hostname: string) => errorOf(as(ours).domain.add({ ...ref, hostname }))
    for (const hostname of ['10.0.0.1', '0x7f.1', '2130706433', '[::1]', '*.example.com', 'localhost']) {
      expect((await add(hostname)).code, hostname).toBe('invalid_input')
    }
    for (const hostname of ['registry.slipway.internal', 'web.p9-production.localhost', 'kubernetes.default.svc']) {
      expect((await add(hostname)).code, hostname).toBe('conflict')
    }
    expect(
      domainOf(await as(ours).domain.add({ ...ref, hostname: 'shop.localhost' }), 'shop.localhost')?.proof,
    ).toBeNull()
  })
})

describe('ownership by DNS TXT', () => {
  test('a host that another team has leads nowhere before it is proven; then it changes sides', async () => {
    const [mine, other] = [await newApp(ours), await newApp(theirs)]
    const hostname = 'taken.example.com'
    await as(ours).domain.add({ ...mine, hostname })
    const claimed = domainOf(await as(theirs).domain.add({ ...other, hostname }), hostname)
    expect(claimed?.proof).toMatchObject({ name: `_slipway.${hostname}`, problem: null, checkedAt: null })
    expect(claimed?.proof?.value).toMatch(/^slipway-verification=[0-9a-f]{32}$/)
    expect((await as(theirs).app.get(other)).url).toBeNull()

    const early = domainOf(await as(theirs).domain.check({ ...other, hostname }), hostname)
    expect(early?.proof?.problem).toMatch(/has no TXT record _slipway\.taken\.example\.com yet/)
    expect(early?.proof?.checkedAt).not.toBeNull()
    TXT_RECORDS.set(`_slipway.${hostname}`, ['v=spf1', 'slipway-verification=of-somebody-else'])
    const wrong = domainOf(await as(theirs).domain.check({ ...other, hostname }), hostname)
    expect(wrong?.proof?.problem).toMatch(/holds something else/)
    expect(wrong?.proof?.value).toBe(claimed?.proof?.value)
    expect(domainOf(await as(ours).app.get(mine), hostname)?.proof).toBeNull()

    TXT_RECORDS.set(`_slipway.${hostname}`, ['v=spf1', claimed?.proof?.value ?? ''])
    expect(domainOf(await as(theirs).domain.check({ ...other, hostname }), hostname)?.proof).toBeNull()
    expect(domainOf(await as(ours).app.get(mine), hostname)).toBeUndefined()
    const { items } = await as(ours).audit.list({ team: 'acme' })
    expect(items[0]?.summary).toContain('another team proved in DNS that it is theirs')
    expect(JSON.stringify(items[0])).not.toContain('rival')
    // One that leads to the app is fine, and stays so; who lost it has nothing to check.
    expect(domainOf(await as(theirs).domain.check({ ...other, hostname }), hostname)?.proof).toBeNull()
    expect((await errorOf(as(ours).domain.check({ ...mine, hostname }))).code).toBe('not_found')
  })

  test('names above and below another team’s have to be proven, names beside them do not', async () => {
    const [mine, other] = [await newApp(ours), await newApp(theirs)]
    await as(ours).domain.add({ ...mine, hostname: 'app.shop.example.net' })
    const proofOf = async (hostname: string) =>
      domainOf(await as(theirs).domain.add({ ...other, hostname }), hostname)?.proof ?? null
    expect(await proofOf('shop.example.net')).not.toBeNull()
    expect(await proofOf('example.net')).not.toBeNull()
    expect(await proofOf('deep.app.shop.example.net')).not.toBeNull()
    expect(await proofOf('other.example.net')).toBeNull()
    expect(await proofOf('notapp.shop.example.net')).toBeNull()
    // One's own team is no stranger.
    const own = await as(ours).domain.add({ ...(await newApp(ours)), hostname: 'shop.example.net' })
    expect(domainOf(own, 'shop.example.net')?.proof).not.toBeNull()
  })

  test('a wish that is not proven keeps nobody from the name, and can be taken back', async () => {
    server.dependencies.config.verifyDomains = 'always'
    const [mine, other] = [await newApp(ours), await newApp(theirs)]
    const hostname = 'wished.example.org'
    const wish = domainOf(await as(theirs).domain.add({ ...other, hostname }), hostname)?.proof
    const again = domainOf(await as(theirs).domain.add({ ...other, hostname }), hostname)?.proof
    expect(again?.value).toBe(wish?.value)
    const proof = domainOf(await as(ours).domain.add({ ...mine, hostname }), hostname)?.proof
    expect(proof?.value).not.toBe(wish?.value)
    TXT_RECORDS.set(`_slipway.${hostname}`, [proof?.value ?? ''])
    expect(domainOf(await as(theirs).domain.check({ ...other, hostname }), hostname)?.proof).not.toBeNull()
    expect(domainOf(await as(ours).domain.check({ ...mine, hostname }), hostname)?.proof).toBeNull()
    expect((await as(theirs).domain.remove({ ...other, hostname })).domains).toHaveLength(1)
    server.dependencies.config.verifyDomains = 'contested'
  })

  test('two that prove the same at once: one has it', async () => {
    const [mine, other] = [await newApp(ours), await newApp(theirs)]
    const hostname = 'race.example.org'
    server.dependencies.config.verifyDomains = 'always'
    const wishes = await Promise.all([
      as(ours).domain.add({ ...mine, hostname }),
      as(theirs).domain.add({ ...other, hostname }),
    ])
    server.dependencies.config.verifyDomains = 'contested'
    TXT_RECORDS.set(
      `_slipway.${hostname}`,
      wishes.map((app) => domainOf(app, hostname)?.proof?.value ?? ''),
    )
    await Promise.allSettled([
      as(ours).domain.check({ ...mine, hostname }),
      as(theirs).domain.check({ ...other, hostname }),
    ])
    expect(await server.database.db.client.domain.count({ where: { hostname } })).toBe(1)
  })

  test('a viewer proves nothing, and a stranger finds nothing', async () => {
    const ref = await newApp(ours)
    const ask = (caller: Caller) => errorOf(callAs(server, caller).domain.check({ ...ref, hostname: 'a.example.org' }))
    expect((await ask(ours.members.viewer.caller)).code).toBe('forbidden')
    expect((await ask(theirs.members.owner.caller)).code).toBe('not_found')
  })
})
