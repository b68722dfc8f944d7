import { type AuditEvent, getTeam, getTeamUsage, type Invitation, listEnvironments, listMembers } from '@slipway/db'
import {
  type AuditEventView,
  type InvitationView,
  type MemberView,
  type ProjectView,
  type QuotaView,
  standingsOf,
  type TeamView,
} from '@slipway/domain'
import type { ProjectScope, TeamScope } from '../../auth/scope.ts'
import type { ApiDependencies } from '../context.ts'
import { usedIn } from './admin.ts'
import { summariesOf } from './apps.ts'

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
  const { db, apps } = dependencies
  const { team, project } = scope
  const [environments] = await Promise.all([listEnvironments(db, project.id), apps.fresh()])
  const summaries = summariesOf(apps, new Set([team.id]), { team: team.slug, project: project.slug })
  return {
    team: scope.team.slug,
    project: scope.project.slug,
    name: scope.project.name,
    role: scope.role,
    environments: environments.map(({ slug, kind }) => ({
      environment: slug,
      kind,
      apps: summaries.filter(({ ref }) => ref.environment === slug),
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

/** Limits, reservations and what is measured, by the one computation that admits changes, too. */
export async function loadQuotaView({ db, ports }: ApiDependencies, scope: TeamScope): Promise<QuotaView> {
  const [usage, measured, capacity] = await Promise.all([
    getTeamUsage(db, scope.team.id),
    ports.resources.used(),
    ports.resources.capacity(),
  ])
  const standings = standingsOf(usage)
  return {
    byOperator: usage.byOperator,
    team: { ...standings.team, used: usedIn(measured, usage.environments) },
    environments: usage.environments.flatMap((each, index) => {
      const standing = standings.environments[index]
      if (!standing) return []
      const { project, environment, kind } = each
      return [{ project, environment, kind, ...standing, used: usedIn(measured, [each]) }]
    }),
    capacity,
  }
}
