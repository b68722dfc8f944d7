import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isAppError, PERMISSIONS, type Permission, ROLES, type Role, roleAllows, UNLIMITED } from '@slipway/domain'
import { TRPCError } from '@trpc/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../auth/caller.ts'
import type { ApiContext } from './context.ts'
import { appErrorOf } from './errors.ts'
import { appRouter } from './index.ts'
import { createCallerFactory, type ProcedureMeta } from './procedures.ts'
import { type ApiServer, startApiServer } from './testing/api-server.ts'
import { createAccount, createFullApp, createTeamWithRoles, type TestApp, type TestTeam } from './testing/place.ts'

interface Procedure {
  path: string
  type: string
  access: ProcedureMeta['access'] | undefined
}

/** From the router itself, so that no procedure is forgotten. */
const procedures: Procedure[] = Object.entries<unknown>(appRouter._def.procedures).map(([path, procedure]) => {
  const { type, meta } = (procedure as { _def: { type: string; meta?: ProcedureMeta } })._def
  return { path, type, access: meta?.access }
})

function isPermission(access: Procedure['access']): access is Permission {
  return access !== undefined && access in PERMISSIONS
}

/** An id of nothing. */
const NOBODY = '0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b'

/** Input with which each procedure finds what it is about. One that is missing here fails the walk. */
const INPUTS: Record<string, (at: TestApp) => object> = {
  'team.get': ({ ref }) => ({ team: ref.team }),
  'team.update': ({ ref }) => ({ team: ref.team, name: 'Renamed' }),
  'member.list': ({ ref }) => ({ team: ref.team }),
  'member.setRole': ({ ref, spareEmail }) => ({ team: ref.team, email: spareEmail, role: 'developer' }),
  'member.remove': ({ ref, spareEmail }) => ({ team: ref.team, email: spareEmail }),
  'member.leave': ({ ref }) => ({ team: ref.team }),
  'invitation.list': ({ ref }) => ({ team: ref.team }),
  'invitation.create': ({ ref }) => ({ team: ref.team, email: `new@${ref.project}.example`, role: 'viewer' }),
  'invitation.revoke': ({ ref, invitedEmail }) => ({ team: ref.team, email: invitedEmail }),
  'quota.get': ({ ref }) => ({ team: ref.team }),
  'quota.set': ({ ref }) => ({ team: ref.team, limits: UNLIMITED }),
  'quota.allocate': ({ ref }) => ({ ...ref, limits: UNLIMITED }),
  'registry.list': ({ ref }) => ({ team: ref.team }),
  'registry.set': ({ ref }) => ({ team: ref.team, host: 'ghcr.io', username: 'octo', password: 'x' }),
  'registry.remove': ({ ref }) => ({ team: ref.team, host: 'registry.example.com' }),
  'audit.list': ({ ref }) => ({ team: ref.team }),
  'project.get': ({ ref }) => ref,
  'project.create': ({ ref }) => ({ team: ref.team, project: `${ref.project}-more`, name: 'More' }),
  'project.delete': ({ ref }) => ({ ...ref, confirm: ref.project }),
  'environment.create': ({ ref }) => ({ ...ref, environment: 'staging', kind: 'staging' }),
  'environment.delete': ({ ref }) => ({ ...ref, confirm: ref.environment }),
  'app.get': ({ ref }) => ref,
  'app.create': ({ ref }) => ({ ...ref, app: 'another', source: { kind: 'git' } }),
  'app.delete': ({ ref }) => ({ ...ref, confirm: ref.app }),
  'app.configureProcess': ({ ref }) => ({ ...ref, process: 'web', options: { stopTimeoutSeconds: 60 } }),
  'app.scale': ({ ref }) => ({ ...ref, processes: [{ name: 'web', instances: 2 }] }),
  'app.restart': ({ ref }) => ref,
  'scaling.setRules': ({ ref }) => ({
    ...ref,
    process: 'web',
    rules: [{ cron: '0 8 * * *', timeZone: 'UTC', instances: 2 }],
  }),
  'app.updateSettings': ({ ref }) => ({ ...ref, settings: { rootDirectory: 'web' } }),
  'run.start': ({ ref }) => ({ ...ref, command: ['date'] }),
  'run.stop': ({ ref, run }) => ({ ...ref, run }),
  'run.list': ({ ref }) => ref,
  'run.get': ({ ref, run }) => ({ ...ref, run }),
  'run.send': ({ ref, run }) => ({ ...ref, run, session: NOBODY }),
  'exec.send': ({ ref }) => ({ ...ref, exec: NOBODY, session: NOBODY }),
  'exec.stop': ({ ref }) => ({ ...ref, exec: NOBODY }),
  'release.list': ({ ref }) => ref,
  'release.get': ({ ref }) => ({ ...ref, release: 1 }),
  'release.diff': ({ ref }) => ({ ...ref, from: 1, to: 2 }),
  'release.planPromotion': ({ ref, staging }) => ({ ...ref, release: 1, to: staging }),
  'release.promote': ({ ref, staging }) => ({ ...ref, release: 1, to: staging }),
  'release.promoteToNew': ({ ref, staging }) => ({ ...ref, release: 1, to: staging }),
  'release.revealDiff': ({ ref }) => ({ ...ref, from: 1, to: 2 }),
  'release.deployImage': ({ ref }) => ({ ...ref, image: 'nginx:2' }),
  'release.rollback': ({ ref }) => ({ ...ref, release: 1 }),
  'release.cancel': ({ ref }) => ({ ...ref, release: 2 }),
  'build.list': ({ ref }) => ref,
  'build.get': ({ ref }) => ({ ...ref, build: 1 }),
  'build.cancel': ({ ref }) => ({ ...ref, build: 1 }),
  'build.start': ({ ref }) => ({ ...ref, build: 1 }),
  'build.clearCache': ({ ref }) => ref,
  'config.list': ({ ref }) => ref,
  'config.reveal': ({ ref }) => ({ ...ref, key: 'KEY' }),
  'config.update': ({ ref }) => ({ ...ref, set: { KEY: 'other' } }),
  'domain.add': ({ ref }) => ({ ...ref, hostname: `${ref.project}.example.org` }),
  'domain.check': ({ ref, hostname }) => ({ ...ref, hostname }),
  'domain.remove': ({ ref, hostname }) => ({ ...ref, hostname }),
  'source.connect': ({ ref }) => ({ ...ref, host: 'gitlab', repositoryUrl: 'https://gitlab.com/a/b' }),
  'source.disconnect': ({ ref }) => ref,
  'webhook.get': ({ ref }) => ref,
  'webhook.rotateSecret': ({ ref }) => ref,
  'delivery.list': ({ ref }) => ref,
}

/** What the place of the test refuses to those who may: the only owner stays. */
const REFUSED: Record<string, Partial<Record<Role, string>>> = {
  'member.leave': { owner: 'conflict' },
  // The app is not there yet.
  'release.promote': { developer: 'not_found', admin: 'not_found', owner: 'not_found' },
}

let server: ApiServer
let own: TestTeam
let foreign: TestTeam
let stranger: Caller

beforeAll(async () => {
  server = await startApiServer()
  own = await createTeamWithRoles(server, 'own')
  foreign = await createTeamWithRoles(server, 'foreign')
  stranger = (await createAccount(server, 'stranger@nowhere.example')).caller
})
afterAll(() => server.stop())

/** Code of the answer's AppError, null when it succeeded. */
async function codeOf(path: string, caller: Caller | null, input: unknown): Promise<string | null> {
  const context: ApiContext = {
    ...server.dependencies,
    identity: { caller, problem: null },
    address: '127.0.0.1',
    sameOrigin: true,
    transport: 'http',
  }
  const call = path
    .split('.')
    .reduce<unknown>((part, name) => Reflect.get(Object(part), name), createCallerFactory(appRouter)(context))
  if (typeof call !== 'function') throw new Error(`There is no procedure ${path}.`)
  try {
    await call(input)
    return null
  } catch (error) {
    if (error instanceof TRPCError) return appErrorOf(error).code
    return isAppError(error) ? error.code : String(error)
  }
}

test('every procedure declares who may call it', () => {
  for (const { path, access } of procedures) {
    expect(
      access === 'public' || access === 'account' || access === 'operator' || isPermission(access),
      `${path} declares ${access}`,
    ).toBe(true)
  }
})

test('every procedure stands in docs/architecture.md, and every one that stands there exists', async () => {
  const text = await readFile(path.resolve(import.meta.dirname, '../../../../docs/architecture.md'), 'utf8')
  const table = text.slice(text.indexOf('## Procedures'), text.indexOf('## Seams'))
  const documented = [...table.matchAll(/[qms] `([a-z]+\.[a-zA-Z]+)`/g)].map((match) => match[1] ?? '')
  const live = documented.filter((name) => name.startsWith('live.') || name.startsWith('logs.'))
  const names = procedures.map((each) => each.path)
  expect([...new Set([...names, ...live])].sort()).toEqual([...documented].sort())
})

const guarded = procedures.filter(({ access, path: name, type }) => {
  // Streams and runtime logs ask the cluster; who may open them is tested with these.
  return isPermission(access) && type !== 'subscription' && !name.startsWith('logs.')
})

let teams = 0

describe.each(guarded)('$path ($access)', ({ path: name, access }) => {
  // Each call has a project of its own, and a team can have 200.
  beforeAll(async () => {
    own = await createTeamWithRoles(server, `own-${++teams}`)
  })

  test.each(ROLES)('own team, role %s', async (role) => {
    const input = INPUTS[name]
    if (!input || !isPermission(access)) throw new Error(`Give ${name} an input in this test.`)
    const at = await createFullApp(server, own)
    const code = await codeOf(name, own.members[role].caller, input(at))
    expect(code).toBe(roleAllows(role, access) ? (REFUSED[name]?.[role] ?? null) : 'forbidden')
  })

  test('from another team it does not exist, and without an account it asks for one', async () => {
    const at = await createFullApp(server, own)
    const input = INPUTS[name]?.(at)
    for (const role of ROLES) expect(await codeOf(name, foreign.members[role].caller, input)).toBe('not_found')
    expect(await codeOf(name, stranger, input)).toBe('not_found')
    expect(await codeOf(name, null, input)).toBe('unauthenticated')
  })
})

describe.each(procedures.filter(({ access }) => access === 'account'))('$path (account)', ({ path: name }) => {
  test('asks for an account', async () => {
    expect(await codeOf(name, null, {})).toBe('unauthenticated')
  })
})

describe.each(procedures.filter(({ access }) => access === 'operator'))('$path (operator)', ({ path: name }) => {
  test('is for operators alone, whatever they are in their teams', async () => {
    expect(await codeOf(name, null, {})).toBe('unauthenticated')
    expect(await codeOf(name, own.members.owner.caller, {})).toBe('forbidden')
  })
})

test('the list of all apps holds those of own teams only', async () => {
  const at = await createFullApp(server, own)
  const context = { ...server.dependencies, address: '', sameOrigin: true, transport: 'http' } as const
  const listAs = (caller: Caller) =>
    createCallerFactory(appRouter)({ ...context, identity: { caller, problem: null } }).app.list({})
  const refs = (await listAs(own.members.viewer.caller)).map(({ ref }) => ref)
  expect(refs).toContainEqual(at.ref)
  expect(await listAs(foreign.members.owner.caller)).toEqual([])
})
