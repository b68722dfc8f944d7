'use client'

import type { AdminBuildView } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Hammer } from 'lucide-react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { formatDuration } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { BuildStatusMark } from '#ui/status.tsx'

const LOOK_AGAIN_MS = 3_000

function BuildItem({ build, nowMs }: { build: AdminBuildView; nowMs: number }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const cancel = useMutation(
    trpc.admin.cancelBuild.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.admin.builds.queryKey() }),
      onError: (error) => toast.error(problemOf(error).message),
    }),
  )
  const { ref, commit, branch, by, createdAt, startedAt, cancelling } = build
  const path = `${ref.project}/${ref.environment}/${ref.app}`
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="break-all font-medium text-sm">
          {path} #{ref.build}
        </p>
        <p className="text-ink-3 text-xs">
          <span className="font-mono">{commit.slice(0, 7)}</span> on {branch}, {by}
        </p>
      </div>
      <span className="text-ink-3 text-xs tabular" suppressHydrationWarning>
        {startedAt
          ? `running for ${formatDuration(nowMs - Date.parse(startedAt))}`
          : `waiting for ${formatDuration(nowMs - Date.parse(createdAt))}`}
      </span>
      <BuildStatusMark status={build.status} />
      <Button
        size="sm"
        aria-label={`Cancel build ${ref.build} of ${ref.team}/${path}`}
        pending={cancel.isPending || cancelling}
        onClick={() => cancel.mutate(ref)}
      >
        {cancelling ? 'Cancelling' : 'Cancel'}
      </Button>
    </li>
  )
}

/** What runs and waits in all teams. */
export function BuildsPage() {
  const trpc = useTRPC()
  const nowMs = useNow(1_000)
  const { data, error, refetch } = useQuery(
    trpc.admin.builds.queryOptions(undefined, { refetchInterval: LOOK_AGAIN_MS }),
  )
  const byTeam = Map.groupBy(data ?? [], ({ ref }) => ref.team)
  return (
    <>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && (
        <Panel title="Builds" flush>
          <SkeletonRows label="Loading builds" />
        </Panel>
      )}
      {data?.length === 0 && (
        <Panel title="Builds">
          <EmptyState icon={Hammer} title="Nothing is being built">
            Running and queued builds of all teams appear here. Past builds are on the pages of their apps.
          </EmptyState>
        </Panel>
      )}
      {[...byTeam].map(([team, builds]) => (
        <Panel
          key={team}
          title={team}
          flush
          actions={
            <span className="text-ink-3 text-xs tabular">
              {builds.filter(({ status }) => status === 'running').length} running,{' '}
              {builds.filter(({ status }) => status === 'queued').length} queued
            </span>
          }
        >
          <ul className="divide-y">
            {builds.map((build) => (
              <BuildItem
                key={`${build.ref.project}/${build.ref.environment}/${build.ref.app}/${build.ref.build}`}
                build={build}
                nowMs={nowMs}
              />
            ))}
          </ul>
        </Panel>
      ))}
    </>
  )
}
