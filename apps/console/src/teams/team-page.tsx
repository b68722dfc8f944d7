'use client'

import type { ProjectSummary, TeamRef } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { FolderTree, Plus } from 'lucide-react'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { paths } from '#lib/paths.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { UsageMeters } from '#quota/usage-meters.tsx'
import { useQuota } from '#quota/use-quota.ts'
import { IsolationNote } from '#shell/isolation-note.tsx'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton, SkeletonRows } from '#ui/skeleton.tsx'
import { NewProjectDialog } from './new-project-dialog.tsx'

function ProjectRow({ team, project }: { team: string; project: ProjectSummary }) {
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover/60">
      <div className="min-w-0 flex-1 basis-48">
        <Link
          href={paths.project({ team, project: project.project })}
          className="block truncate font-medium text-base after:absolute after:inset-0"
        >
          {project.name}
        </Link>
        <span className="block truncate font-mono text-ink-3 text-xs">{project.project}</span>
      </div>
      <ul aria-label="Environments" className="flex min-w-0 flex-wrap gap-x-4 gap-y-1 text-ink-2 text-xs">
        {project.environments.map((environment) => (
          <li key={environment.environment} className="flex min-w-0 items-center gap-1.5">
            <EnvironmentTag name={environment.environment} kind={environment.kind} />
            <span className="shrink-0 text-ink-3 tabular">
              {environment.apps} {environment.apps === 1 ? 'app' : 'apps'}
            </span>
          </li>
        ))}
      </ul>
    </li>
  )
}

function UsagePanel({ teamRef }: { teamRef: TeamRef }) {
  const quota = useQuota(teamRef).data
  return (
    <Panel
      title="Usage"
      actions={
        <Button asChild size="sm" variant="ghost">
          <Link href={paths.teamSettings(teamRef, 'quota')}>Quota and allocations</Link>
        </Button>
      }
    >
      {quota ? (
        <UsageMeters usage={quota.team} capacity={quota.capacity} name="the team" />
      ) : (
        <Skeleton className="h-10" />
      )}
    </Panel>
  )
}

/** A team's projects, and what the team uses of its quota. */
export function TeamPage({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const { data: team, error, refetch } = useQuery(trpc.team.get.queryOptions(teamRef))
  const [asked, setAsked] = useQueryParam('new')
  const mayCreate = useMay(teamRef.team, 'project.create')
  const newProject = (
    <Button variant="primary" onClick={() => setAsked('project')}>
      <Plus aria-hidden />
      New project
    </Button>
  )
  return (
    <Page>
      <PageHeader title={team?.name ?? teamRef.team} actions={mayCreate && newProject} />
      {error && !team && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <UsagePanel teamRef={teamRef} />
      <Panel title="Projects" flush>
        {!team && !error && <SkeletonRows label="Loading projects" />}
        {team?.projects.length === 0 && (
          <EmptyState
            icon={FolderTree}
            title="No projects yet"
            action={mayCreate && newProject}
            command={
              mayCreate ? (
                <CodeBlock shell what="command" code={`slipway projects create "My product" --team ${teamRef.team}`} />
              ) : (
                <WhoCan team={teamRef.team} permission="project.create" what="create projects" />
              )
            }
          >
            A project is one of the team’s products. It has environments such as production and staging, each with its
            own apps.
          </EmptyState>
        )}
        {team && team.projects.length > 0 && (
          <ul className="divide-y">
            {team.projects.map((project) => (
              <ProjectRow key={project.project} team={team.team} project={project} />
            ))}
          </ul>
        )}
      </Panel>
      <IsolationNote />
      <NewProjectDialog
        teamRef={teamRef}
        open={asked === 'project'}
        onOpenChange={(open) => setAsked(open ? 'project' : '')}
      />
    </Page>
  )
}
