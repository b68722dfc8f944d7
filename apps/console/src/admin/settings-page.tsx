'use client'

import { TEAM_CREATION, type TeamCreation } from '@slipway/domain'
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { Field } from '#ui/field.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'
import { Skeleton, SkeletonRows } from '#ui/skeleton.tsx'
import { Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'
import { Time } from '#ui/time.tsx'

const WORDS: Record<TeamCreation, string> = { everyone: 'Everyone with an account', operators: 'Operators only' }

function TeamCreationPanel() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { data, error, refetch } = useQuery(trpc.admin.settings.queryOptions())
  const update = useMutation(
    trpc.admin.updateSettings.mutationOptions({
      onSuccess(settings) {
        queryClient.setQueryData(trpc.admin.settings.queryKey(), settings)
        void queryClient.invalidateQueries({ queryKey: trpc.admin.audit.pathKey() })
        void queryClient.invalidateQueries({ queryKey: trpc.account.get.queryKey() })
        toast.success('Saved.')
      },
      onError: (failed) => toast.error(problemOf(failed).message),
    }),
  )
  return (
    <Panel title="Teams">
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton className="h-14 max-w-sm" />}
      {data && (
        <div className="max-w-sm">
          <Field label="Who can create teams" hint="Existing teams stay as they are.">
            <Select
              value={data.teamCreation}
              onValueChange={(teamCreation) => update.mutate({ teamCreation })}
              options={TEAM_CREATION.map((value) => ({ value, label: WORDS[value] }))}
            />
          </Field>
        </div>
      )}
    </Panel>
  )
}

function OperatorAudit() {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.admin.audit.infiniteQueryOptions({ limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const events = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel title="Audit" about="What operators did. Changes to a team are also in that team’s audit." flush>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading the audit" />}
      {list.data && events.length === 0 && (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">Operators have changed nothing yet.</p>
      )}
      {events.length > 0 && (
        <Table label="Audit" cards>
          <TableHead>
            <Th>When</Th>
            <Th>Who</Th>
            <Th>What</Th>
          </TableHead>
          <tbody>
            {events.map(({ id, at, actor, summary }) => (
              <Tr key={id}>
                <Td className="whitespace-nowrap text-ink-2">
                  <Time at={at} />
                </Td>
                <Td className="break-all max-md:text-ink-2 md:max-w-48 md:truncate" title={actor}>
                  {actor}
                </Td>
                <Td className="break-words max-md:order-first max-md:basis-full md:min-w-60">{summary}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}

/** What operators set for the whole installation, and what they did. */
export function SettingsPage() {
  return (
    <>
      <TeamCreationPanel />
      <OperatorAudit />
    </>
  )
}
