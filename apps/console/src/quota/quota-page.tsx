'use client'

import { type QuotaView, RESOURCE_KEYS, type TeamRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { LimitsDialog } from './limits-dialog.tsx'
import { RESOURCE_NAMES, shortAmount, shortLimit } from './usage.ts'
import { UsageMeters } from './usage-meters.tsx'

/** What is used is observed, so it changes by itself. */
const LOOK_AGAIN_MS = 5_000

function TeamQuota({ teamRef, quota, mayManage }: { teamRef: TeamRef; quota: QuotaView; mayManage: boolean }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [editing, setEditing] = useState(false)
  const set = useMutation(
    trpc.quota.set.mutationOptions({
      onSuccess(next) {
        queryClient.setQueryData(trpc.quota.get.queryKey(teamRef), next)
        setEditing(false)
      },
    }),
  )
  const edit = () => {
    set.reset()
    setEditing(true)
  }
  return (
    <Panel
      title="The team’s quota"
      about="What all environments of the team may take together."
      actions={mayManage && <Button onClick={edit}>Set quota</Button>}
      footer={
        <span className="flex flex-wrap gap-x-4">
          Allotted to environments:
          {RESOURCE_KEYS.map((key) => (
            <span key={key} className="tabular">
              {RESOURCE_NAMES[key]} {shortAmount(key, quota.team.allocated[key])}
              {quota.team.limits[key] !== null && ` of ${shortLimit(key, quota.team.limits[key])}`}
            </span>
          ))}
        </span>
      }
    >
      <UsageMeters usage={quota.team} name="the team" />
      {editing && (
        <LimitsDialog
          title="Set the team’s quota"
          about="It can not be lower than what is allotted to its environments."
          limits={quota.team.limits}
          pending={set.isPending}
          error={set.error}
          onClose={() => setEditing(false)}
          onSave={(limits) => set.mutate({ ...teamRef, limits })}
        />
      )}
    </Panel>
  )
}

type EnvironmentQuota = QuotaView['environments'][number]

function EnvironmentRow({
  teamRef,
  usage,
  mayManage,
}: {
  teamRef: TeamRef
  usage: EnvironmentQuota
  mayManage: boolean
}) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [editing, setEditing] = useState(false)
  const { project, environment } = usage
  const allocate = useMutation(
    trpc.quota.allocate.mutationOptions({
      onSuccess(next) {
        queryClient.setQueryData(trpc.quota.get.queryKey(teamRef), next)
        setEditing(false)
      },
    }),
  )
  const edit = () => {
    allocate.reset()
    setEditing(true)
  }
  return (
    <li className="flex flex-col gap-3 px-4 py-3">
      <div className="flex items-center gap-3">
        <Link href={paths.project({ ...teamRef, project })} className="min-w-0 truncate font-medium hover:underline">
          {project} / <EnvironmentTag name={environment} kind={usage.kind} className="align-bottom" />
        </Link>
        <span className="flex-1" />
        {mayManage && (
          <Button size="sm" aria-label={`Allot to ${project} ${environment}`} onClick={edit}>
            Allot
          </Button>
        )}
      </div>
      <UsageMeters usage={usage} name={`${project} ${environment}`} />
      {editing && (
        <LimitsDialog
          title={`Allot to ${project} / ${environment}`}
          about="The same limit stands in the cluster as a ResourceQuota. Deploys and scales that would not fit, the surge of a rollout included, are refused."
          limits={usage.limits}
          pending={allocate.isPending}
          error={allocate.error}
          onClose={() => setEditing(false)}
          onSave={(limits) => allocate.mutate({ ...teamRef, project, environment, limits })}
        />
      )}
    </li>
  )
}

/** The quota of a team and what each environment has of it: reserved, in use, left. */
export function QuotaPage({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const mayManage = useMay(teamRef.team, 'quota.manage')
  const {
    data: quota,
    error,
    refetch,
  } = useQuery(trpc.quota.get.queryOptions(teamRef, { refetchInterval: LOOK_AGAIN_MS }))
  if (!quota) {
    return error ? (
      <ProblemNotice error={error} onRetry={() => void refetch()} />
    ) : (
      <Panel flush>
        <SkeletonRows label="Loading quota" />
      </Panel>
    )
  }
  return (
    <>
      <TeamQuota teamRef={teamRef} quota={quota} mayManage={mayManage} />
      <Panel title="Environments" about="Reserved is what the apps ask for; in use is what runs now." flush>
        {quota.environments.length === 0 ? (
          <p className="px-4 py-6 text-center text-ink-3 text-sm">
            Environments show here as soon as the team has a project.
          </p>
        ) : (
          <ul className="divide-y">
            {quota.environments.map((usage) => (
              <EnvironmentRow
                key={`${usage.project}/${usage.environment}`}
                teamRef={teamRef}
                usage={usage}
                mayManage={mayManage}
              />
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}
