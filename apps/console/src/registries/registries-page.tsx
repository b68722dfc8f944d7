'use client'

import type { RegistryView, TeamRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Container, Plus } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useMay, useRole } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'
import { RegistryDialog } from './registry-form.tsx'

function RemoveRegistry({ teamRef, host }: { teamRef: TeamRef; host: string }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation(
    trpc.registry.remove.mutationOptions({
      onSuccess(list) {
        queryClient.setQueryData(trpc.registry.list.queryKey(teamRef), list)
        toast.success(`Credentials for ${host} removed.`)
      },
    }),
  )
  return (
    <>
      <Button size="sm" variant="dangerQuiet" aria-label={`Remove ${host}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove the credentials for ${host}?`}
        about="Running instances are not affected. New ones cannot pull private images from it."
        action="Remove"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...teamRef, host })}
      />
    </>
  )
}

interface RegistryRowProps {
  teamRef: TeamRef
  registry: RegistryView
  mayManage: boolean
  onReplace: () => void
}

function RegistryRow({ teamRef, registry, mayManage, onReplace }: RegistryRowProps) {
  const { host, username, updatedAt, updatedBy } = registry
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="break-all font-mono text-sm">{host}</p>
        <p className="break-words text-ink-3 text-xs">
          user {username} · changed <Time at={updatedAt} /> by {updatedBy}
        </p>
      </div>
      {mayManage && (
        <span className="flex gap-2">
          <Button size="sm" aria-label={`Replace the credentials for ${host}`} onClick={onReplace}>
            Replace
          </Button>
          <RemoveRegistry teamRef={teamRef} host={host} />
        </span>
      )}
    </li>
  )
}

function RegistryList({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const mayManage = useMay(teamRef.team, 'registry.manage')
  const [editing, setEditing] = useState<'new' | RegistryView | null>(null)
  const { data: registries, error, refetch } = useQuery(trpc.registry.list.queryOptions(teamRef))
  const command = `slipway registries add ghcr.io --username <name> --team ${teamRef.team}`
  const add = (
    <Button size="sm" variant="primary" onClick={() => setEditing('new')}>
      <Plus aria-hidden />
      Add registry
    </Button>
  )
  return (
    <Panel
      title="Registries"
      about="Credentials the team’s environments use to pull private images. Encrypted at rest, never shown again."
      flush
      actions={
        <>
          <CopyAs lines={[`slipway registries list --team ${teamRef.team}`, command]} />
          {mayManage && registries && registries.length > 0 && add}
        </>
      }
      footer={mayManage ? undefined : <WhoCan team={teamRef.team} permission="registry.manage" what="change these" />}
    >
      {error && !registries && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!registries && !error && <SkeletonRows label="Loading registries" rows={2} />}
      {registries?.length === 0 && (
        <EmptyState
          icon={Container}
          title="No registries yet"
          action={mayManage && add}
          command={mayManage && <CodeBlock shell what="command" code={command} />}
          className="py-8"
        >
          Public images need none. For private ones, add the registry’s host with a user name and a token that can read.
        </EmptyState>
      )}
      {registries && registries.length > 0 && (
        <ul className="divide-y">
          {registries.map((registry) => (
            <RegistryRow
              key={registry.host}
              teamRef={teamRef}
              registry={registry}
              mayManage={mayManage}
              onReplace={() => setEditing(registry)}
            />
          ))}
        </ul>
      )}
      {editing && (
        <RegistryDialog
          teamRef={teamRef}
          present={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Panel>
  )
}

/** Registries of a team; who may not see them is told who can. */
export function RegistriesPage({ teamRef }: { teamRef: TeamRef }) {
  const role = useRole(teamRef.team)
  const mayRead = useMay(teamRef.team, 'registry.read')
  if (mayRead || role === null) return <RegistryList teamRef={teamRef} />
  return (
    <Panel title="Registries" about="Credentials the team uses to pull private images.">
      <WhoCan team={teamRef.team} permission="registry.read" what="see them" />
    </Panel>
  )
}
