import {
  addDomain,
  applyConfig,
  connectSource,
  createApp,
  createEnvironment,
  createInvitation,
  createProject,
  createTeam,
  createToken,
  observeRelease,
  setRegistry,
  startRun,
  type User,
} from '@slipway/db'
import { ROLES, type Role, type TokenScope } from '@slipway/domain'
import type { Caller } from '../../auth/caller.ts'
import { hashPassword } from '../../auth/passwords.ts'
import { hashToken, newLinkSecret, newToken } from '../../auth/tokens.ts'
import type { ApiServer } from './api-server.ts'

export const PASSWORD = 'correct horse battery'
let passwordHash: Promise<string> | undefined

export interface TestAccount {
  caller: Caller
  id: string
  email: string
}

/** The account with a token of full scope. */
export function callerOf({ id, email, name, operator }: User): Caller {
  return { userId: id, email, name, operator, via: 'token', credentialId: NO_TOKEN, scope: 'full' }
}
/** Id of no token: these callers do not come over HTTP. */
const NO_TOKEN = '00000000-0000-7000-8000-000000000000'

export async function createAccount(server: ApiServer, email: string): Promise<TestAccount> {
  passwordHash ??= hashPassword(PASSWORD)
  const user = await server.database.db.client.user.create({
    data: { email, name: email.split('@')[0] ?? '', passwordHash: await passwordHash },
  })
  return { id: user.id, email, caller: callerOf(user) }
}

/** An API token of the account; `expiresAt` null never expires. */
export async function createTokenFor(
  server: ApiServer,
  account: TestAccount,
  expiresAt: Date | null = null,
  scope: TokenScope = 'full',
) {
  const { secret, hash, hint } = newToken()
  const row = { userId: account.id, name: 'test', hash, hint, scope, expiresAt }
  const { id } = await createToken(server.database.db, row, { now: new Date(), address: '192.0.2.1' })
  return { id, secret }
}

export interface TestTeam {
  slug: string
  teamId: string
  members: Record<Role, TestAccount>
}

/** A team with a member of each role. */
export async function createTeamWithRoles(server: ApiServer, slug: string): Promise<TestTeam> {
  const { db } = server.database
  const owner = await createAccount(server, `owner@${slug}.example`)
  const team = await createTeam(db, { slug, name: slug, userId: owner.id, operator: false, actor: owner.caller })
  const members = { owner } as Record<Role, TestAccount>
  for (const role of ROLES) {
    if (role === 'owner') continue
    members[role] = await createAccount(server, `${role}@${slug}.example`)
    await db.client.membership.create({ data: { teamId: team.id, userId: members[role].id, role } })
  }
  return { slug, teamId: team.id, members }
}

export interface TestApp {
  ref: { team: string; project: string; environment: string; app: string }
  /** A member with the role viewer that nothing depends on. */
  spareEmail: string
  invitedEmail: string
  /** A command that runs. */
  run: string
  hostname: string
  /** An environment beside it, without apps. */
  staging: string
}

let count = 0

/**
 * A project with one app in which every procedure finds what it is about: two releases, a build that waits, config, a host name,
 * a connected repository; in the team, credentials of a registry, a member and an invitation to spare.
 */
export async function createFullApp(server: ApiServer, team: TestTeam): Promise<TestApp> {
  const { db } = server.database
  const actor = team.members.owner.caller
  const n = ++count
  const project = `p${n}`
  const projectId = await createProject(db, {
    teamId: team.teamId,
    team: team.slug,
    slug: project,
    name: project,
    environment: { slug: 'production', kind: 'production', namespace: `${team.slug}-${project}` },
    actor,
  })
  const environment = await db.client.environment.findFirstOrThrow({ where: { projectId, slug: 'production' } })
  await createEnvironment(db, {
    ...{ teamId: team.teamId, projectId, subject: `${team.slug}/${project}`, actor },
    environment: { slug: 'qa', kind: 'staging', namespace: `${team.slug}-${project}-qa` },
  })
  const ref = { team: team.slug, project, environment: 'production', app: 'web' }
  const appId = await createApp(db, {
    teamId: team.teamId,
    environmentId: environment.id,
    ref,
    source: { kind: 'image', image: 'nginx:1' },
    appsDomain: 'localhost',
    actor,
  })
  await observeRelease(db, { appId, number: 1, status: 'live', message: null, now: new Date() })
  await applyConfig(db, { appId, set: { KEY: 'value' }, unset: [], actor })
  const hostname = `app-${n}.example.com`
  await addDomain(db, { appId, hostname, actor, needsProof: false })
  await connectSource(db, { appId, host: 'github', repositoryUrl: 'https://github.com/a/b', branch: 'main', actor })
  const commit = 'a'.repeat(40)
  const build = {
    appId,
    number: 1,
    trigger: 'push',
    commit,
    branch: 'main',
    message: 'm',
    by: 'b',
  } as const
  await db.client.build.create({ data: build })
  await db.client.app.update({ where: { id: appId }, data: { buildCount: 1 } })
  const { id: run } = await startRun(db, { appId, command: ['true'], timeoutSeconds: 60, actor })
  const registry = { host: 'registry.example.com', username: 'u', password: 'p' }
  await setRegistry(db, { teamId: team.teamId, team: team.slug, ...registry, actor })
  const spare = await createAccount(server, `spare${n}@${team.slug}.example`)
  await db.client.membership.create({ data: { teamId: team.teamId, userId: spare.id, role: 'viewer' } })
  const invitedEmail = `invited${n}@${team.slug}.example`
  await createInvitation(db, {
    teamId: team.teamId,
    team: team.slug,
    email: invitedEmail,
    role: 'viewer',
    tokenHash: hashToken(newLinkSecret()),
    expiresAt: new Date(Date.now() + 3_600_000),
    actor,
    actorRole: 'owner',
  })
  return { ref, spareEmail: spare.email, invitedEmail, run, hostname, staging: 'qa' }
}
