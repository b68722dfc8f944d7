import { createApp } from '@slipway/db'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { accessIn, basic, createTokenWorld, type TestUser, type TokenWorld } from './testing/token-world.ts'
import { REGISTRY_SERVICE } from './token-key.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

let world: TokenWorld
beforeAll(async () => {
  world = await createTokenWorld()
})
afterAll(() => world?.stop())

const made = (user: TestUser, id: string) =>
  world.own('http://registry.test').credentials.of(user, id)[0]?.password ?? ''
const ask = (username: string, password: string, query: string) =>
  fetch(`${world.realm}?${query}`, { headers: basic(username, password) })
const granted = async (user: TestUser, place: string, repository: string) => {
  const { access } = await accessIn(await world.ask(user, place, `repository:${repository}:pull,push,delete`))
  return access[0]?.actions ?? []
}

it('knows credentials by whom they were made for, and none that were changed', async () => {
  const [build = '', environment = ''] = [world.ids.build['acme/production'], world.ids.environment['acme/production']]
  const scope = 'scope=repository:slipway/acme/shop-web:pull'
  expect((await ask('build', made('build', build), scope)).status).toBe(200)
  for (const [user, password] of [
    ['environment', made('build', build)],
    ['build', made('environment', environment)],
    ['build', made('build', build).replace(build, world.ids.build['rival/production'] ?? '')],
    ['build', made('build', build).slice(0, -1)],
    ['build', `${build}.`],
    ['admin', made('build', build)],
    ['build', made('build', '00000000-0000-0000-0000-000000000000')],
  ] as const)
    expect((await ask(user, password, scope)).status, user).toBe(401)
  const anonymous = await fetch(`${world.realm}?${scope}`)
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)])
})

it('takes a password grant, as container runtimes ask for', async () => {
  const body = new URLSearchParams({
    ...{ grant_type: 'password', service: REGISTRY_SERVICE, client_id: 'containerd-client', username: 'environment' },
    password: made('environment', world.ids.environment['acme/production'] ?? ''),
    scope: 'repository:slipway/acme/shop-web:pull',
  })
  const answer = await fetch(world.realm, { method: 'POST', body })
  expect(await answer.json()).toMatchObject({ access_token: expect.stringMatching(/^ey/), expires_in: 60 })
  body.set('grant_type', 'refresh_token')
  expect((await fetch(world.realm, { method: 'POST', body })).status).toBe(400)
})

it('refuses another service and too many scopes; what is no scope is granted nothing', async () => {
  const password = made('environment', world.ids.environment['acme/production'] ?? '')
  const many = Array.from({ length: 21 }, (_, index) => `scope=repository:a/${index}:pull`).join('&')
  expect((await ask('environment', password, 'service=other')).status).toBe(400)
  expect((await ask('environment', password, many)).status).toBe(400)
  const answer = await ask('environment', password, 'scope=everything&scope=repository::pull')
  expect((await accessIn(answer)).access).toEqual([])
})

it('lets builds read base images and builders that are in this registry', async () => {
  for (const repository of ['bases/node-24', 'builders/node'])
    expect(await granted('build', 'acme/production', repository)).toEqual(['pull'])
  for (const repository of ['bases/node-24/x', 'bases/node', 'library/debian', 'bases/node-a/b'])
    expect(await granted('build', 'acme/production', repository)).toEqual([])
})

it('lets an environment read what its releases name, but nothing of another team', async () => {
  const { db } = world.database
  const images = {
    mirror: 'registry.test/mirror/nginx:1.29',
    shared: `registry.test/slipway/acme/shop-api@sha256:${'0'.repeat(64)}`,
    // Nobody may deploy this one; a release that has it all the same gives no right.
    stolen: 'registry.test/slipway/rival/shop-web:v1',
  }
  for (const [app, image] of Object.entries(images)) {
    await createApp(db, {
      teamId: world.teams.acme ?? '',
      environmentId: world.ids.environment['acme/production'] ?? '',
      ref: { team: 'acme', project: 'shop', environment: 'production', app },
      source: { kind: 'image', image },
      appsDomain: null,
      actor: { name: 'ada', email: 'ada@example.com' },
    })
  }
  for (const repository of ['mirror/nginx', 'slipway/acme/shop-api', 'slipway/acme/shop-web'])
    expect(await granted('environment', 'acme/production', repository), repository).toEqual(['pull'])
  for (const repository of ['slipway/rival/shop-web', 'mirror/ngin_', 'nginx', 'slipway/slipway.base/layers'])
    expect(await granted('environment', 'acme/production', repository), repository).toEqual([])
  expect(await granted('environment', 'acme/staging', 'slipway/acme/shop-api')).toEqual([])
})

it('ends with the environment', async () => {
  const id = world.ids.environment['acme/staging'] ?? ''
  await world.database.db.client.environment.update({ where: { id }, data: { deletedAt: new Date() } })
  expect((await world.ask('environment', 'acme/staging')).status).toBe(401)
})
