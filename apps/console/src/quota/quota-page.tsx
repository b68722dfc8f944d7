'use client'

import {
  addResources,
  allocationShortages,
  describeRefusal,
  describeTooLow,
  type EnvironmentStandingView,
  type QuotaView,
  RESOURCE_KEYS,
  type ResourceLimits,
  type TeamRef,
  takenOf,
} from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { paths } from '#lib/paths.ts'
import { useAccount, useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { LimitsDialog } from './limits-dialog.tsx'
import { RESOURCE_NAMES, shortAmount } from './usage.ts'
import { UsageLegend, UsageMeters } from './usage-meters.tsx'
import { useQuota } from './use-quota.ts'

/** What environments have been given, where any have. */
function Allocated({ quota }: { quota: QuotaView }) {
  const keys = RESOURCE_KEYS.filter((key) => quota.team.allotted[key] > 0)
  if (keys.length === 0) return null
  const amounts = keys.map((key) => `${RESOURCE_NAMES[key]} ${shortAmount(key, quota.team.allotted[key])}`)
  return <p className="mt-3 text-ink-3 text-xs tabular">Allocated to environments: {amounts.join(', ')}.</p>
}

const ABOUT = 'What all environments of the team can use together.'

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
      about={quota.byOperator ? 'Set by an operator. The team’s admins allocate it to environments.' : ABOUT}
      actions={mayManage && <Button onClick={edit}>Set quota</Button>}
      footer={<UsageLegend measured={quota.team.used !== null} />}
    >
      <UsageMeters usage={quota.team} capacity={quota.capacity} name="the team" />
      <Allocated quota={quota} />
      {editing && (
        <LimitsDialog
          title="Set the team’s quota"
          about="It cannot be lower than what its environments already hold. Leave a field empty to be limited by the cluster only."
          limits={quota.team.limits}
          capacity={quota.capacity}
          problemOf={(limits) => describeTooLow('team', limits, takenOf(quota.team))}
          pending={set.isPending}
          error={set.error}
          onClose={() => setEditing(false)}
          onSave={(limits) => set.mutate({ ...teamRef, limits })}
        />
      )}
    </Panel>
  )
}

/** Why an environment cannot have this allocation, null when it can. */
function allocationProblem(quota: QuotaView, own: EnvironmentStandingView, limits: ResourceLimits): string | null {
  const tooLow = describeTooLow('environment', limits, addResources(own.reserved, own.surge))
  if (tooLow) return tooLow
  const team = { limits: quota.team.limits, environments: quota.environments }
  const shortages = allocationShortages(team, own, limits)
  return shortages.length > 0
    ? `It ${describeRefusal(shortages, {
        ...own,
        byOperator: quota.byOperator,
        rolls: false,
      })}`
    : null
}

function EnvironmentRow({
  teamRef,
  quota,
  usage,
  mayManage,
}: {
  teamRef: TeamRef
  quota: QuotaView
  usage: EnvironmentStandingView
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
          {project} / <EnvironmentTag name={environment} kind={usage.kind} className="ml-1 align-bottom" />
        </Link>
        <span className="flex-1" />
        {mayManage && (
          <Button size="sm" aria-label={`Allocate to ${project} ${environment}`} onClick={edit}>
            Allocate
          </Button>
        )}
      </div>
      <UsageMeters usage={usage} capacity={quota.capacity} name={`${project} ${environment}`} />
      {editing && (
        <LimitsDialog
          title={`Allocate to ${project} / ${environment}`}
          about="Reserved from the team’s quota and enforced by a ResourceQuota in the cluster. Leave a field empty to share what the team has left."
          limits={usage.limits}
          capacity={quota.capacity}
          problemOf={(limits) => allocationProblem(quota, usage, limits)}
          pending={allocate.isPending}
          error={allocate.error}
          onClose={() => setEditing(false)}
          onSave={(limits) => allocate.mutate({ ...teamRef, project, environment, limits })}
        />
      )}
    </li>
  )
}

/** The quota of a team and what each environment has of it: reserved, used, free. */
export function QuotaPage({ teamRef }: { teamRef: TeamRef }) {
  const mayManage = useMay(teamRef.team, 'quota.manage')
  const isOperator = useAccount()?.operator ?? false
  const { data: quota, error, refetch } = useQuota(teamRef)
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
      <TeamQuota teamRef={teamRef} quota={quota} mayManage={mayManage && (isOperator || !quota.byOperator)} />
      {!mayManage && <WhoCan team={teamRef.team} permission="quota.manage" what="allocate it" />}
      <Panel
        title="Environments"
        about="Reserved is what instances request. Used is what they actually consume, as measured by the cluster."
        flush
      >
        {quota.environments.length === 0 ? (
          <p className="px-4 py-6 text-center text-ink-3 text-sm">
            Environments appear here once the team has a project.
          </p>
        ) : (
          <ul className="divide-y">
            {quota.environments.map((usage) => (
              <EnvironmentRow
                key={`${usage.project}/${usage.environment}`}
                teamRef={teamRef}
                quota={quota}
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
