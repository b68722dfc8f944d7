'use client'

import { type AdminTeamView, describeTooLow, RESOURCE_KEYS, UNLIMITED } from '@slipway/domain'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { LimitsDialog } from '#quota/limits-dialog.tsx'
import { RESOURCE_NAMES, shortAmount } from '#quota/usage.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { SearchField, useSearch } from './search-field.tsx'

/** "250m reserved, 40m used of 2 cores": a team's one resource. */
function Amounts({ team }: { team: AdminTeamView }) {
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-1 text-xs tabular sm:grid-cols-3">
      {RESOURCE_KEYS.map((key) => {
        const limit = team.limits[key]
        const used = team.used?.[key]
        const over = limit !== null && team.taken[key] >= limit
        return (
          <div key={key} className="min-w-0">
            <dt className="text-ink-3">{RESOURCE_NAMES[key]}</dt>
            <dd className={over ? 'text-warning' : 'text-ink-2'}>
              {shortAmount(key, team.taken[key])}{' '}
              {limit === null ? 'taken, no quota' : `of ${shortAmount(key, limit)} taken`}
              <span className="block text-ink-3">
                {shortAmount(key, team.reserved[key])} reserved,{' '}
                {used === undefined ? 'use not measured' : `${shortAmount(key, used)} used`}
              </span>
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function useSetQuota(onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return useMutation(
    trpc.admin.setQuota.mutationOptions({
      onSuccess: async (_answer, { team, limits }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.admin.pathKey() })
        void queryClient.invalidateQueries({ queryKey: trpc.quota.get.queryKey({ team }) })
        toast.success(limits ? `Quota of ${team} set.` : `The admins of ${team} can set its quota again.`)
        onDone()
      },
    }),
  )
}

function TeamItem({ team }: { team: AdminTeamView }) {
  const trpc = useTRPC()
  const [editing, setEditing] = useState(false)
  const capacity = useQuery(trpc.admin.cluster.queryOptions(undefined, { enabled: editing })).data?.capacity ?? null
  const set = useSetQuota(() => setEditing(false))
  const release = () =>
    set.mutate({ team: team.team, limits: null }, { onError: (error) => toast.error(problemOf(error).message) })
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <p className="flex min-w-0 flex-wrap items-center gap-2">
            <span className="min-w-0 break-words font-medium">{team.name}</span>
            <span className="break-all font-mono text-ink-3 text-xs">{team.team}</span>
            {team.byOperator && <Badge>Quota set by an operator</Badge>}
          </p>
          <p className="text-ink-3 text-xs">
            {team.members} {team.members === 1 ? 'member' : 'members'}, {team.apps} {team.apps === 1 ? 'app' : 'apps'}
            {team.owners.length > 0 && `, owned by ${new Intl.ListFormat('en').format(team.owners)}`}
          </p>
        </div>
        <div className="flex gap-2">
          {team.byOperator && (
            <Button size="sm" variant="ghost" pending={set.isPending && !editing} onClick={release}>
              Hand back to the team
              <span className="sr-only">: the quota of {team.team}</span>
            </Button>
          )}
          <Button
            size="sm"
            onClick={() => {
              set.reset()
              setEditing(true)
            }}
          >
            Set quota
            <span className="sr-only"> of {team.team}</span>
          </Button>
        </div>
      </div>
      <Amounts team={team} />
      {editing && (
        <LimitsDialog
          title={`Set the quota of ${team.name}`}
          about="Only operators can change it afterwards. The team’s admins still allocate it to environments."
          limits={team.limits ?? UNLIMITED}
          capacity={capacity}
          problemOf={(limits) => describeTooLow('team', limits, team.taken)}
          pending={set.isPending}
          error={set.error}
          onClose={() => setEditing(false)}
          onSave={(limits) => set.mutate({ team: team.team, limits })}
        />
      )}
    </li>
  )
}

/** All teams with their quotas, newest first. */
export function TeamsPage() {
  const trpc = useTRPC()
  const { value, setValue, search } = useSearch()
  const list = useInfiniteQuery(
    trpc.admin.teams.infiniteQueryOptions({ search, limit: 25 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const teams = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      title="Teams"
      about="Taken counts against the quota: allocations, plus what environments without an allocation reserve."
      flush
      actions={<SearchField label="Search teams" value={value} onChange={setValue} />}
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading teams" rows={6} />}
      {list.data && teams.length === 0 && (
        <p role="status" className="px-4 py-6 text-center text-ink-3 text-sm">
          {search ? `No team matches “${search}”.` : 'There are no teams yet.'}
        </p>
      )}
      <ul className="divide-y">
        {teams.map((team) => (
          <TeamItem key={team.team} team={team} />
        ))}
      </ul>
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
