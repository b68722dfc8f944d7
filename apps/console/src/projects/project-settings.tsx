'use client'

import type { EnvironmentKind, ProjectRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { paths } from '#lib/paths.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'

interface EnvironmentRowProps {
  projectRef: ProjectRef
  environment: string
  kind: EnvironmentKind
  apps: number
}

function EnvironmentRow({ projectRef, environment, kind, apps }: EnvironmentRowProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const mayDelete = useMay(projectRef.team, 'environment.delete')
  const remove = useMutation(
    trpc.environment.delete.mutationOptions({
      async onSuccess() {
        setAsking(false)
        toast.success(`${environment} is being deleted.`)
        await queryClient.invalidateQueries({ queryKey: trpc.project.get.queryKey(projectRef) })
        await queryClient.invalidateQueries({ queryKey: trpc.team.get.queryKey({ team: projectRef.team }) })
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <EnvironmentTag name={environment} kind={kind} className="min-w-0 flex-1 basis-40 text-base" />
      <span className="text-ink-3 text-xs tabular">
        {kind}, {apps} {apps === 1 ? 'app' : 'apps'}
      </span>
      {mayDelete && (
        <Button size="sm" variant="dangerQuiet" aria-label={`Delete ${environment}`} onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${environment}?`}
        about={`Its ${apps === 1 ? 'app' : `${apps} apps`} with releases, config and addresses will be deleted too. This cannot be undone.`}
        action="Delete environment"
        typeToConfirm={environment}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...projectRef, environment, confirm: environment })}
      />
    </li>
  )
}

function DeleteProject({ projectRef }: { projectRef: ProjectRef }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation(
    trpc.project.delete.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.team.get.queryKey({ team: projectRef.team }) })
        toast.success(`${projectRef.project} is being deleted.`)
        router.push(paths.team(projectRef))
      },
    }),
  )
  return (
    <Panel
      tone="danger"
      title="Delete this project"
      actions={
        <Button variant="dangerQuiet" onClick={() => setAsking(true)}>
          Delete project
        </Button>
      }
    >
      <p className="text-ink-2 text-sm">Deletes all its environments and their apps for good.</p>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${projectRef.project}?`}
        about="This deletes every environment and every app in it. This cannot be undone."
        action="Delete project"
        typeToConfirm={projectRef.project}
        danger
        pending={remove.isPending || remove.isSuccess}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...projectRef, confirm: projectRef.project })}
      />
    </Panel>
  )
}

/** What can be done with a project as a whole. */
export function ProjectSettings({ projectRef }: { projectRef: ProjectRef }) {
  const trpc = useTRPC()
  const { data: project, error, refetch } = useQuery(trpc.project.get.queryOptions(projectRef))
  const mayDelete = useMay(projectRef.team, 'project.delete')
  return (
    <Page>
      <PageHeader title="Project settings" about={project?.name} />
      {error && !project && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <Panel title="Environments" flush>
        {!project && !error && <SkeletonRows rows={2} />}
        <ul className="divide-y">
          {project?.environments.map(({ environment, kind, apps }) => (
            <EnvironmentRow
              key={environment}
              projectRef={projectRef}
              environment={environment}
              kind={kind}
              apps={apps.length}
            />
          ))}
        </ul>
      </Panel>
      {mayDelete ? (
        <DeleteProject projectRef={projectRef} />
      ) : (
        <WhoCan team={projectRef.team} permission="project.delete" what="delete environments and the project" />
      )}
    </Page>
  )
}
