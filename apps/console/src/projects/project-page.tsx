'use client'

import type { ProjectRef, ProjectView } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { Box, Plus, Settings } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { paths } from '#lib/paths.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { AppMatrix, type EnvironmentColumn, inOrder } from './app-matrix.tsx'
import { NewEnvironmentDialog } from './new-environment-dialog.tsx'

/** The environments with their apps as the live list has them; the project's own answer where that has not come. */
function useColumns(projectRef: ProjectRef, project: ProjectView | undefined): EnvironmentColumn[] {
  const trpc = useTRPC()
  const live = useQuery(trpc.app.list.queryOptions({}, { enabled: false })).data
  const columns = (project?.environments ?? []).map((column) => ({
    ...column,
    apps:
      live?.filter(
        ({ ref }) =>
          ref.team === projectRef.team && ref.project === projectRef.project && ref.environment === column.environment,
      ) ?? column.apps,
  }))
  return inOrder(columns)
}

function NoApps({
  projectRef,
  columns,
  mayCreate,
}: {
  projectRef: ProjectRef
  columns: EnvironmentColumn[]
  mayCreate: boolean
}) {
  const environment = columns.at(-1)?.environment
  return (
    <EmptyState
      icon={Box}
      title="No apps in this project yet"
      action={
        mayCreate && (
          <Button asChild variant="primary">
            <Link href={paths.newApp({ ...projectRef, environment })}>
              <Plus aria-hidden />
              New app
            </Link>
          </Button>
        )
      }
      command={
        mayCreate ? (
          <CodeBlock
            shell
            what="command"
            code={`slipway apps create my-app --team ${projectRef.team} --project ${projectRef.project}`}
          />
        ) : (
          <WhoCan team={projectRef.team} permission="app.create" what="create apps here" />
        )
      }
    >
      Each environment has its own apps. The same name in two environments is one app at two stages.
    </EmptyState>
  )
}

/** A project: its environments side by side, its apps as rows. */
export function ProjectPage({ projectRef }: { projectRef: ProjectRef }) {
  const trpc = useTRPC()
  const { data: project, error, refetch } = useQuery(trpc.project.get.queryOptions(projectRef))
  const columns = useColumns(projectRef, project)
  const [asking, setAsking] = useState(false)
  const mayCreateApp = useMay(projectRef.team, 'app.create')
  const mayCreateEnvironment = useMay(projectRef.team, 'environment.create')
  const empty = project !== undefined && columns.every((column) => column.apps.length === 0)
  return (
    <Page>
      <PageHeader
        title={project?.name ?? projectRef.project}
        actions={
          <>
            <Button asChild variant="ghost">
              <Link href={paths.projectSettings(projectRef)} aria-label="Project settings">
                <Settings aria-hidden />
                <span className="max-sm:hidden">Settings</span>
              </Link>
            </Button>
            {mayCreateEnvironment && <Button onClick={() => setAsking(true)}>New environment</Button>}
            {mayCreateApp && (
              <Button asChild variant="primary">
                <Link href={paths.newApp({ ...projectRef, environment: columns.at(-1)?.environment })}>
                  <Plus aria-hidden />
                  New app
                </Link>
              </Button>
            )}
          </>
        }
      />
      {error && !project && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <Panel flush>
        {!project && !error && <SkeletonRows label="Loading the project" />}
        {project && !empty && <AppMatrix projectRef={projectRef} columns={columns} mayCreate={mayCreateApp} />}
        {empty && <NoApps projectRef={projectRef} columns={columns} mayCreate={mayCreateApp} />}
      </Panel>
      {asking && <NewEnvironmentDialog projectRef={projectRef} open onOpenChange={setAsking} />}
    </Page>
  )
}
