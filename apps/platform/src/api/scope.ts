import type { Database } from '@slipway/db'
import {
  AppError,
  type AppRef,
  type EnvironmentRef,
  type Permission,
  type ProjectRef,
  type Role,
  roleAllows,
  type TeamRef,
} from '@slipway/domain'
import type { Caller } from '../auth/caller.ts'

/** What the input's slugs stand for, with the caller's role in the team. */
export interface TeamScope {
  role: Role
  team: { id: string; slug: string; name: string }
}
export interface ProjectScope extends TeamScope {
  project: { id: string; slug: string; name: string }
}
export interface EnvironmentScope extends ProjectScope {
  environment: { id: string; slug: string; namespace: string }
}
export interface AppScope extends EnvironmentScope {
  app: { id: string; slug: string }
}

/** The one check of tenancy and role. Throws `not_found` for teams the caller is not in, `forbidden` below the role it takes. */
export async function teamScope(
  db: Database,
  caller: Caller,
  ref: TeamRef,
  permission: Permission,
): Promise<TeamScope> {
  const membership = await db.client.membership.findFirst({
    where: { userId: caller.userId, team: { slug: ref.team } },
    select: { role: true, team: { select: { id: true, slug: true, name: true } } },
  })
  if (!membership) throw new AppError('not_found', `There is no team ${ref.team}, or you are not in it.`)
  if (!roleAllows(membership.role, permission)) {
    throw new AppError(
      'forbidden',
      `Your role in ${ref.team} is ${membership.role}, which may not do this. Ask an owner or admin of the team.`,
      { permission, role: membership.role },
    )
  }
  return membership
}

/** As teamScope; a project that is being deleted is gone already. */
export async function projectScope(
  db: Database,
  caller: Caller,
  ref: ProjectRef,
  permission: Permission,
): Promise<ProjectScope> {
  const scope = await teamScope(db, caller, ref, permission)
  const project = await db.client.project.findFirst({
    where: { teamId: scope.team.id, slug: ref.project, deletedAt: null },
    select: { id: true, slug: true, name: true },
  })
  if (!project) throw new AppError('not_found', `There is no project ${ref.project} in the team ${ref.team}.`)
  return { ...scope, project }
}

/** As projectScope, for an environment. */
export async function environmentScope(
  db: Database,
  caller: Caller,
  ref: EnvironmentRef,
  permission: Permission,
): Promise<EnvironmentScope> {
  const scope = await projectScope(db, caller, ref, permission)
  const environment = await db.client.environment.findFirst({
    where: { projectId: scope.project.id, slug: ref.environment, deletedAt: null },
    select: { id: true, slug: true, namespace: true },
  })
  if (!environment) {
    throw new AppError('not_found', `There is no environment ${ref.environment} in ${ref.team}/${ref.project}.`)
  }
  return { ...scope, environment }
}

/** As environmentScope, for an app. */
export async function appScope(db: Database, caller: Caller, ref: AppRef, permission: Permission): Promise<AppScope> {
  const scope = await environmentScope(db, caller, ref, permission)
  const app = await db.client.app.findFirst({
    where: { environmentId: scope.environment.id, slug: ref.app, deletedAt: null },
    select: { id: true, slug: true },
  })
  if (!app) {
    throw new AppError('not_found', `There is no app ${ref.app} in ${ref.team}/${ref.project}/${ref.environment}.`)
  }
  return { ...scope, app }
}
