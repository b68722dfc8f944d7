import type { AppRef, EnvironmentRef, ProjectRef, TeamRef } from '@slipway/domain'

/** Addresses of the console's pages. */
export const paths = {
  home: '/',
  /** The form for a new app; `name` fills in its name. */
  newApp: (place?: Partial<EnvironmentRef>, name?: string) => {
    const query = new URLSearchParams()
    for (const key of ['team', 'project', 'environment'] as const) if (place?.[key]) query.set(key, place[key])
    if (name) query.set('name', name)
    return query.size > 0 ? `/new?${query}` : '/new'
  },
  account: '/settings',
  admin: (page?: AdminPage) => `/admin${page ? `/${page}` : ''}`,
  team: ({ team }: TeamRef) => `/${team}`,
  teamSettings: ({ team }: TeamRef, page?: 'members' | 'quota' | 'registries' | 'audit') =>
    `/${team}/settings${page ? `/${page}` : ''}`,
  member: (team: TeamRef, email: string) =>
    `${paths.teamSettings(team, 'members')}?${new URLSearchParams({ member: email })}`,
  project: ({ team, project }: ProjectRef) => `/${team}/${project}`,
  projectSettings: ({ team, project }: ProjectRef) => `/${team}/${project}/settings`,
  environment: ({ team, project, environment }: EnvironmentRef) => `/${team}/${project}/${environment}`,
  app: ({ team, project, environment, app }: AppRef, page?: AppPage) =>
    `/${team}/${project}/${environment}/${app}${page ? `/${page}` : ''}`,
  compare: (ref: AppRef, { from, to }: { from: number; to: number }) =>
    `${paths.app(ref, 'releases')}?compare=v${from}..v${to}`,
  releaseLog: (ref: AppRef, release: number) => `${paths.app(ref, 'releases')}/${release}/log`,
  build: (ref: AppRef, build: number) => `${paths.app(ref, 'builds')}/${build}`,
} as const

export type AdminPage = 'teams' | 'accounts' | 'builds' | 'settings'
export type AppPage = 'releases' | 'builds' | 'logs' | 'processes' | 'config' | 'networking' | 'settings'
