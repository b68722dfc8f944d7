import {
  type AuditEvent,
  committedOf,
  type EnvironmentUsage,
  getTeam,
  type Invitation,
  listEnvironments,
  listMembers,
  listProjectAppRows,
  readTeamUsage,
} from '@slipway/db'
import {
  type AuditEventView,
  addResources,
  type InvitationView,
  type MemberView,
  NO_RESOURCES,
  type ProjectView,
  type QuotaView,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  type TeamView,
} from '@slipway/domain'
import type { ApiDependencies } from '../context.ts'
import type { ProjectScope, TeamScope } from '../scope.ts'
import { appSummary } from './app.ts'

export async function loadTeamView({ db }: ApiDependencies, scope: TeamScope): Promise<TeamView> {
  const team = await getTeam(db, scope.team.id)
  return {
    team: team.slug,
    name: team.name,
    role: scope.role,
    createdAt: team.createdAt.toISOString(),
    projects: team.projects.map(({ slug, name, createdAt, environments }) => ({
      project: slug,
      name,
      createdAt: createdAt.toISOString(),
      environments: environments.map((each) => ({ environment: each.slug, kind: each.kind, apps: each._count.apps })),
    })),
  }
}

export async function loadProjectView(
  dependencies: ApiDependencies,
  scope: TeamScope & Pick<ProjectScope, 'project'>,
): Promise<ProjectView> {
  const { db } = dependencies
  const [environments, apps] = await Promise.all([
    listEnvironments(db, scope.project.id),
    listProjectAppRows(db, scope.project.id),
  ])
  return {
    team: scope.team.slug,
    project: scope.project.slug,
    name: scope.project.name,
    role: scope.role,
    environments: environments.map(({ id, slug, kind }) => ({
      environment: slug,
      kind,
      apps: apps.filter(({ environmentId }) => environmentId === id).map((app) => appSummary(dependencies, app)),
    })),
  }
}

export async function loadMembers({ db }: ApiDependencies, scope: TeamScope): Promise<MemberView[]> {
  const members = await listMembers(db, scope.team.id)
  return members.map((each) => ({ ...each, joinedAt: each.joinedAt.toISOString() }))
}

export function invitationView({ email, role, invitedBy, expiresAt }: Invitation): InvitationView {
  return { email, role, invitedBy, expiresAt: expiresAt.toISOString() }
}

export function auditEventView({ id, at, actor, action, subject, summary }: AuditEvent): AuditEventView {
  return { id, at: at.toISOString(), actor, action, subject, summary }
}

/** What is left under a limit; null where there is none. */
function leftOf(limits: ResourceLimits, taken: Resources): ResourceLimits {
  const left: ResourceLimits = { cpuMillis: null, memoryMiB: null, instances: null }
  for (const key of RESOURCE_KEYS) {
    const limit = limits[key]
    left[key] = limit === null ? null : Math.max(0, limit - taken[key])
  }
  return left
}

function allocatedOf(environments: readonly EnvironmentUsage[]): Resources {
  const sum = { ...NO_RESOURCES }
  for (const { limits } of environments) for (const key of RESOURCE_KEYS) sum[key] += limits[key] ?? 0
  return sum
}

/** Limits, reservations and what runs. Of a team, `left` is what is neither allotted nor held by environments without an allocation. */
export async function loadQuotaView({ db, ports }: ApiDependencies, scope: TeamScope): Promise<QuotaView> {
  const { limits, environments } = await readTeamUsage(db.client, scope.team.id)
  const rows = environments.map((each) => ({ ...each, used: ports.cluster.usedBy(each.namespace) }))
  return {
    team: {
      limits,
      reserved: addResources(...rows.map(({ reserved }) => reserved)),
      used: addResources(...rows.map(({ used }) => used)),
      left: leftOf(limits, committedOf(environments)),
      allocated: allocatedOf(environments),
    },
    environments: rows.map(({ project, environment, kind, limits: own, reserved, used }) => ({
      project,
      environment,
      kind,
      limits: own,
      reserved,
      used,
      left: leftOf(own, reserved),
    })),
  }
}
