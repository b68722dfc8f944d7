import type { AppRef, EnvironmentRef, ProjectRef, TeamRef } from '@slipway/domain'

/** Addresses of the console's pages. */
export const paths = {
  home: '/',
  newApp: (place?: Partial<EnvironmentRef>) => {
    const query = new URLSearchParams()
    for (const key of ['team', 'project', 'environment'] as const) if (place?.[key]) query.set(key, place[key])
    return query.size > 0 ? `/new?${query}` : '/new'
  },
  account: '/settings',
  team: ({ team }: TeamRef) => `/${team}`,
  teamSettings: ({ team }: TeamRef, page?: 'members' | 'quota' | 'registries' | 'audit') =>
    `/${team}/settings${page ? `/${page}` : ''}`,
  project: ({ team, project }: ProjectRef) => `/${team}/${project}`,
  projectSettings: ({ team, project }: ProjectRef) => `/${team}/${project}/settings`,
  environment: ({ team, project, environment }: EnvironmentRef) => `/${team}/${project}/${environment}`,
  app: ({ team, project, environment, app }: AppRef, page?: AppPage) =>
    `/${team}/${project}/${environment}/${app}${page ? `/${page}` : ''}`,
  build: (ref: AppRef, build: number) => `${paths.app(ref, 'builds')}/${build}`,
} as const

export type AppPage = 'releases' | 'builds' | 'logs' | 'processes' | 'config' | 'networking' | 'settings'
