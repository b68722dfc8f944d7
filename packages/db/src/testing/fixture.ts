import type { ProcessDefinition } from '@slipway/domain'
import { createApp } from '../apps.ts'
import type { Actor } from '../audit.ts'
import type { Database } from '../database.ts'
import { createProject } from '../projects.ts'
import { createTeam } from '../teams.ts'

export const WEB: ProcessDefinition = { name: 'web', kind: 'web', command: null }

export interface Place {
  userId: string
  actor: Actor
  teamId: string
  environmentId: string
  /** team, project and environment; add an app. */
  ref: { team: string; project: string; environment: string }
}

/** A team with an owner, a project and its production environment. */
export async function createPlace(db: Database, team: string): Promise<Place> {
  const actor = { name: `Owner of ${team}`, email: `owner@${team}.example` }
  const user = await db.client.user.create({ data: { ...actor, passwordHash: 'none' } })
  const { id: teamId } = await createTeam(db, { slug: team, name: team, userId: user.id, operator: false, actor })
  const projectId = await createProject(db, {
    teamId,
    team,
    slug: 'shop',
    name: 'Shop',
    environment: { slug: 'production', kind: 'production', namespace: `${team}-shop-production` },
    actor,
  })
  const environment = await db.client.environment.findFirstOrThrow({ where: { projectId } })
  const ref = { team, project: 'shop', environment: 'production' }
  return { userId: user.id, actor, teamId, environmentId: environment.id, ref }
}

/** An app in that place: from git with nothing deployed, or of an image as v1. */
export function createAppAt(db: Database, place: Place, app: string, image?: string): Promise<string> {
  return createApp(db, {
    teamId: place.teamId,
    environmentId: place.environmentId,
    ref: { ...place.ref, app },
    source: image ? { kind: 'image', image } : { kind: 'git' },
    appsDomain: 'localhost',
    actor: place.actor,
  })
}
