'use client'

import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Switcher } from './switcher.tsx'
import { useAccount } from './use-account.ts'
import { usePlace } from './use-place.ts'

const TITLES: Record<string, string> = { new: 'New app', settings: 'Account', admin: 'Installation' }

function Slash() {
  return (
    <span aria-hidden className="shrink-0 text-line-strong max-sm:hidden">
      /
    </span>
  )
}

/** Where the page is: team / project / environment / app, each a link and a switcher. */
export function Breadcrumbs() {
  const place = usePlace()
  const { team } = place
  if (!team) return <p className="truncate px-1 font-medium text-sm">{TITLES[place.page ?? ''] ?? 'Apps'}</p>
  return <TeamCrumbs team={team} />
}

function TeamCrumbs({ team }: { team: string }) {
  const { project, environment, app } = usePlace()
  const account = useAccount()
  const trpc = useTRPC()
  const teamView = useQuery(trpc.team.get.queryOptions({ team }, { staleTime: 60_000 })).data
  const apps = useQuery(trpc.app.list.queryOptions({}, { enabled: app !== undefined })).data ?? []
  const projects = teamView?.projects ?? []
  const environments = projects.find((each) => each.project === project)?.environments ?? []
  const siblings = apps.filter(
    (each) => each.ref.team === team && each.ref.project === project && each.ref.environment === environment,
  )
  return (
    <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1">
      <Switcher
        kind="team"
        current={team}
        label={account?.teams.find((each) => each.team === team)?.name ?? team}
        href={paths.team({ team })}
        options={(account?.teams ?? []).map((each) => ({
          value: each.team,
          label: each.name,
          about: each.role,
          href: paths.team(each),
        }))}
        create={account?.mayCreateTeams ? { label: 'New team', href: '/welcome?new=team' } : undefined}
        last={!project}
      />
      {project && (
        <>
          <Slash />
          <Switcher
            kind="project"
            current={project}
            label={projects.find((each) => each.project === project)?.name ?? project}
            href={paths.project({ team, project })}
            options={projects.map((each) => ({
              value: each.project,
              label: each.name,
              href: paths.project({ team, project: each.project }),
            }))}
            create={{ label: 'New project', href: `${paths.team({ team })}?new=project` }}
            last={!environment}
          />
        </>
      )}
      {project && environment && (
        <>
          <Slash />
          <Switcher
            kind="environment"
            current={environment}
            label={
              <EnvironmentTag
                name={environment}
                kind={environments.find((each) => each.environment === environment)?.kind}
              />
            }
            href={paths.environment({ team, project, environment })}
            options={environments.map((each) => ({
              value: each.environment,
              label: each.environment,
              about: `${each.apps} ${each.apps === 1 ? 'app' : 'apps'}`,
              href: paths.environment({ team, project, environment: each.environment }),
            }))}
            last={!app}
          />
        </>
      )}
      {project && environment && app && (
        <>
          <Slash />
          <Switcher
            kind="app"
            current={app}
            label={app}
            href={paths.app({ team, project, environment, app })}
            options={siblings.map((each) => ({ value: each.ref.app, label: each.ref.app, href: paths.app(each.ref) }))}
            create={{ label: 'New app', href: paths.newApp({ team, project, environment }) }}
            last
          />
        </>
      )}
    </nav>
  )
}
