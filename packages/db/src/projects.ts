import { AppError, type EnvironmentKind } from '@slipway/domain'
import { type Actor, writeAudit } from './audit.ts'
import type { Database } from './database.ts'
import { orConflict } from './errors.ts'
import { notify } from './notify.ts'
import { lockTeam } from './quota.ts'
import type { Transaction } from './transaction.ts'

/** Each environment is a namespace with its own objects, so they are not given out without end. */
const MAX_PROJECTS = 200
const MAX_ENVIRONMENTS = 50

export interface NewEnvironment {
  slug: string
  kind: EnvironmentKind
  /** Kubernetes namespace, unique in the cluster. */
  namespace: string
}

async function insertEnvironment(tx: Transaction, projectId: string, environment: NewEnvironment): Promise<void> {
  const taken = `The name ${environment.slug} is taken in this project, or is still being deleted. Choose another.`
  const { id } = await orConflict(taken, () => tx.environment.create({ data: { ...environment, projectId } }))
  await notify(tx, 'slipway_environment', id)
}

export interface NewProject {
  teamId: string
  team: string
  slug: string
  name: string
  environment: NewEnvironment
  actor: Actor
}

/** Makes a project with its first environment. Throws `conflict` when the name is taken. */
export function createProject(db: Database, input: NewProject): Promise<string> {
  const { teamId, team, slug, name, environment, actor } = input
  return db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    if ((await tx.project.count({ where: { teamId } })) >= MAX_PROJECTS) {
      throw new AppError('conflict', `A team can have ${MAX_PROJECTS} projects. Delete one first.`)
    }
    const taken = `A project named ${slug} already exists in ${team}, or is still being deleted. Choose another name.`
    const project = await orConflict(taken, () => tx.project.create({ data: { teamId, slug, name } }))
    await insertEnvironment(tx, project.id, environment)
    await writeAudit(tx, {
      teamId,
      actor,
      action: 'project.create',
      subject: `${team}/${slug}`,
      summary: `Created the project ${name} with the environment ${environment.slug}.`,
    })
    return project.id
  })
}

/** Adds an environment to a project. Throws `conflict` when the name is taken, `not_found` when the project is going. */
export async function createEnvironment(
  db: Database,
  input: { teamId: string; projectId: string; subject: string; environment: NewEnvironment; actor: Actor },
): Promise<void> {
  const { teamId, projectId, subject, environment, actor } = input
  await db.transaction(async (tx) => {
    await lockTeam(tx, teamId)
    const project = await tx.project.findFirst({ where: { id: projectId, deletedAt: null } })
    if (!project) throw new AppError('not_found', 'The project is being deleted.')
    if ((await tx.environment.count({ where: { projectId } })) >= MAX_ENVIRONMENTS) {
      throw new AppError('conflict', `A project can have ${MAX_ENVIRONMENTS} environments. Delete one first.`)
    }
    await insertEnvironment(tx, projectId, environment)
    const summary = `Created the ${environment.kind} environment ${environment.slug}.`
    await writeAudit(tx, { teamId, actor, action: 'environment.create', subject, summary })
  })
}

/** Environments of a project by the date they were made. */
export function listEnvironments(db: Database, projectId: string) {
  return db.client.environment.findMany({ where: { projectId, deletedAt: null }, orderBy: { createdAt: 'asc' } })
}
