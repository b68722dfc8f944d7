import type { Role } from '@slipway/domain'
import type { Database } from './database.ts'

/** Slugs of a place, from the team inwards. */
export interface PlaceRef {
  team: string
  project?: string
  environment?: string
  app?: string
}

/** What slugs stand for. Null: there is none, or it is being deleted; what is inside of it is null then, too. */
export interface Place {
  role: Role
  team: { id: string; slug: string; name: string }
  project: { id: string; slug: string; name: string } | null
  environment: { id: string; slug: string; namespace: string } | null
  app: { id: string; slug: string } | null
}

interface Row {
  role: Role
  teamId: string
  teamName: string
  projectId: string | null
  projectName: string
  environmentId: string | null
  namespace: string
  appId: string | null
}

/** A member's way to a place, in one statement; null for a team that the account is not in. */
export async function findPlace(db: Database, userId: string, ref: PlaceRef): Promise<Place | null> {
  const { team, project = null, environment = null, app = null } = ref
  const [row] = await db.client.$queryRaw<Row[]>`
    SELECT m.role::text AS role, t.id AS "teamId", t.name AS "teamName", p.id AS "projectId", p.name AS "projectName",
      e.id AS "environmentId", e.namespace, a.id AS "appId"
    FROM teams t
    JOIN memberships m ON m."teamId" = t.id AND m."userId" = ${userId}::uuid
    LEFT JOIN projects p ON p."teamId" = t.id AND p.slug = ${project} AND p."deletedAt" IS NULL
    LEFT JOIN environments e ON e."projectId" = p.id AND e.slug = ${environment} AND e."deletedAt" IS NULL
    LEFT JOIN apps a ON a."environmentId" = e.id AND a.slug = ${app} AND a."deletedAt" IS NULL
    WHERE t.slug = ${team}`
  if (row === undefined) return null
  const { role, teamId, projectId, environmentId, appId } = row
  return {
    role,
    team: { id: teamId, slug: team, name: row.teamName },
    project: projectId === null || project === null ? null : { id: projectId, slug: project, name: row.projectName },
    environment:
      environmentId === null || environment === null
        ? null
        : { id: environmentId, slug: environment, namespace: row.namespace },
    app: appId === null || app === null ? null : { id: appId, slug: app },
  }
}
