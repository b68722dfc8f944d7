import { type Database, findPlace, type Place, type PlaceRef } from '@slipway/db'
import {
  AppError,
  type AppRef,
  type EnvironmentRef,
  type Permission,
  type ProjectRef,
  roleAllows,
  scopeFor,
  type TeamRef,
} from '@slipway/domain'
import type { Caller } from './caller.ts'
import { requireScope } from './require-scope.ts'

/** What the input's slugs stand for, with the caller's role in the team. */
export type TeamScope = Pick<Place, 'role' | 'team'>
export type ProjectScope = TeamScope & { project: NonNullable<Place['project']> }
export type EnvironmentScope = ProjectScope & { environment: NonNullable<Place['environment']> }
export type AppScope = EnvironmentScope & { app: NonNullable<Place['app']> }

/** The one check of tenancy and role, in one statement. Throws `not_found` for teams the caller is not in, `forbidden` below the role it takes. */
async function placeOf(db: Database, caller: Caller, ref: PlaceRef, permission: Permission): Promise<Place> {
  const place = await findPlace(db, caller.userId, ref)
  if (place === null) throw new AppError('not_found', `There is no team ${ref.team}, or you are not in it.`)
  const { role } = place
  if (!roleAllows(role, permission)) {
    throw new AppError(
      'forbidden',
      `Your role in ${ref.team} is ${role}, which does not allow this. Ask an owner or admin of the team.`,
      { permission, role },
    )
  }
  requireScope(caller, scopeFor(permission))
  return place
}

function projectIn(place: Place, { team, project: slug }: ProjectRef): ProjectScope {
  const { role, team: own, project } = place
  if (!project) throw new AppError('not_found', `There is no project ${slug} in the team ${team}.`)
  return { role, team: own, project }
}

function environmentIn(place: Place, ref: EnvironmentRef): EnvironmentScope {
  const scope = projectIn(place, ref)
  const { environment } = place
  if (!environment) {
    throw new AppError('not_found', `There is no environment ${ref.environment} in ${ref.team}/${ref.project}.`)
  }
  return { ...scope, environment }
}

/** The caller's team. Throws `not_found`, `forbidden`. */
export async function teamScope(
  db: Database,
  caller: Caller,
  { team: slug }: TeamRef,
  permission: Permission,
): Promise<TeamScope> {
  const { role, team } = await placeOf(db, caller, { team: slug }, permission)
  return { role, team }
}

/** As teamScope; a project that is being deleted is gone already. */
export async function projectScope(
  db: Database,
  caller: Caller,
  ref: ProjectRef,
  permission: Permission,
): Promise<ProjectScope> {
  const { team, project } = ref
  return projectIn(await placeOf(db, caller, { team, project }, permission), ref)
}

/** As projectScope, for an environment. */
export async function environmentScope(
  db: Database,
  caller: Caller,
  ref: EnvironmentRef,
  permission: Permission,
): Promise<EnvironmentScope> {
  const { team, project, environment } = ref
  return environmentIn(await placeOf(db, caller, { team, project, environment }, permission), ref)
}

/** As environmentScope, for an app. */
export async function appScope(db: Database, caller: Caller, ref: AppRef, permission: Permission): Promise<AppScope> {
  const { team, project, environment, app: slug } = ref
  const place = await placeOf(db, caller, { team, project, environment, app: slug }, permission)
  const scope = environmentIn(place, ref)
  if (!place.app) throw new AppError('not_found', `There is no app ${slug} in ${team}/${project}/${environment}.`)
  return { ...scope, app: place.app }
}
