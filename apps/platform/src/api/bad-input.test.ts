import { createProject } from '@slipway/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, call, startApiServer } from './testing/api-server.ts'
import { createTeamWithRoles, createTokenFor, type TestTeam } from './testing/place.ts'

let server: ApiServer
let team: TestTeam
beforeAll(async () => {
  server = await startApiServer()
  team = await createTeamWithRoles(server, 'acme')
})
afterAll(() => server.stop())

let headers: Record<string, string>
beforeAll(async () => {
  headers = { authorization: `Bearer ${(await createTokenFor(server, team.members.owner)).secret}` }
  const { teamId, members } = team
  const environment = { slug: 'production', kind: 'production', namespace: 'acme-shop-production' } as const
  const actor = members.owner.caller
  await createProject(server.database.db, { teamId, team: 'acme', slug: 'shop', name: 'Shop', environment, actor })
})

test.each([
  ['a name with capitals', 'project.create', { team: 'acme', project: 'Shop!', name: 'x' }, 'project'],
  ['a reserved name', 'team.create', { team: 'admin', name: 'x' }, 'team'],
  ['an empty name', 'team.create', { team: 'fine', name: '   ' }, 'name'],
  ['a token of nonsense days', 'token.create', { name: 'x', expiresInDays: 0 }, 'expiresInDays'],
  ['a thing that is no list', 'token.revoke', { token: 'x; DROP TABLE users' }, 'token'],
])('%s is answered 400 with the field', async (_, path, input, field) => {
  const answer = await call(server, 'mutation', path, input, headers)
  expect(answer.status).toBe(400)
  expect(answer.error?.data.appCode).toBe('invalid_input')
  expect(Object.keys(answer.error?.data.fields as object)).toContain(field)
})

test('a taken name is a conflict that says what is taken', async () => {
  const project = await call(
    server,
    'mutation',
    'project.create',
    { team: 'acme', project: 'shop', name: 'x' },
    headers,
  )
  expect(project.status).toBe(409)
  expect(project.error?.message).toContain('A project named shop already exists in acme')
  const again = await call(server, 'mutation', 'team.create', { team: 'acme', name: 'x' }, headers)
  expect(again).toMatchObject({ status: 409, error: { data: { appCode: 'conflict' } } })
})

test('an unknown team is not found, in the same words as a foreign one', async () => {
  const other = await createTeamWithRoles(server, 'other')
  const asOwner = (slug: string) => call(server, 'query', 'team.get', { team: slug }, headers)
  const foreign = await asOwner(other.slug)
  const unknown = await asOwner('nowhere')
  expect([foreign.status, unknown.status]).toEqual([404, 404])
  expect(foreign.error?.message.replace('other', '')).toBe(unknown.error?.message.replace('nowhere', ''))
})

test('malformed JSON and unknown procedures are the caller’s errors, not ours', async () => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
  const response = await fetch(`${server.origin}/team.create`, { ...post, body: '{"name":' })
  expect(response.status).toBe(400)
  expect((await call(server, 'query', 'team.steal', {}, headers)).status).toBe(404)
})

test('a defect of ours shows nothing of its inside', async () => {
  const { db } = server.database
  const environment = await db.client.environment.findFirstOrThrow({ where: { namespace: 'acme-shop-production' } })
  const { id } = await db.client.app.create({
    data: { environmentId: environment.id, slug: 'broken', sourceKind: 'git', hostPrefix: 'broken' },
  })
  await db.client.configVar.create({
    data: { appId: id, key: 'BAD', ciphertext: 'v1.x', length: 1, updatedBy: 'x' },
  })
  const input = { team: 'acme', project: 'shop', environment: 'production', app: 'broken', image: 'nginx' }
  const answer = await call(server, 'mutation', 'release.deployImage', input, headers)
  expect(answer).toMatchObject({ status: 500, error: { data: { appCode: 'internal' } } })
  expect(JSON.stringify(answer.error)).not.toMatch(/stack|prisma|at .*\.ts/i)
})
