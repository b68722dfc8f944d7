import type { AccountRow, ActiveBuild, AdminTeam } from '@slipway/db'
import {
  type AdminAccountView,
  type AdminBuildView,
  type AdminTeamView,
  addResources,
  type Measured,
  NO_RESOURCES,
  type Resources,
  standingsOf,
  takenOf,
} from '@slipway/domain'

/** What the namespaces of environments use together; null where nothing measures. */
export function usedIn(
  measured: ReadonlyMap<string, Resources> | null,
  environments: readonly { namespace: string }[],
): Measured {
  return measured && addResources(...environments.map(({ namespace }) => measured.get(namespace) ?? NO_RESOURCES))
}

export function adminTeamView(
  { team, members, owners, apps, usage }: AdminTeam,
  measured: ReadonlyMap<string, Resources> | null,
): AdminTeamView {
  const standing = standingsOf(usage).team
  return {
    ...{ team: team.slug, name: team.name, members, owners, apps },
    limits: usage.limits,
    byOperator: usage.byOperator,
    reserved: standing.reserved,
    taken: takenOf(standing),
    used: usedIn(measured, usage.environments),
  }
}

export function adminAccountView(row: AccountRow): AdminAccountView {
  const { email, name, operator, createdAt, deactivatedAt, memberships } = row
  return {
    ...{ email, name, operator },
    createdAt: createdAt.toISOString(),
    deactivatedAt: deactivatedAt?.toISOString() ?? null,
    teams: memberships.map(({ team }) => team.slug),
  }
}

export function adminBuildView({ app, ...build }: ActiveBuild): AdminBuildView {
  const { environment } = app
  const { project } = environment
  return {
    ref: {
      ...{ team: project.team.slug, project: project.slug, environment: environment.slug, app: app.slug },
      build: build.number,
    },
    status: build.status,
    commit: build.commit,
    branch: build.branch,
    by: build.by,
    createdAt: build.createdAt.toISOString(),
    startedAt: build.startedAt?.toISOString() ?? null,
    cancelling: build.cancelRequestedAt !== null,
  }
}
