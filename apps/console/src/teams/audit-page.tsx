'use client'

import type { TeamRef } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useMay } from '#shell/use-account.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'
import { Time } from '#ui/time.tsx'

function Events({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions({ ...teamRef, limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const events = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel title="Audit" about="Every change, and every time a secret was revealed." flush>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading the audit" rows={8} />}
      {list.data && events.length === 0 && (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">Nothing has happened yet.</p>
      )}
      {events.length > 0 && (
        <Table label="Audit" cards>
          <TableHead>
            <Th>When</Th>
            <Th>Who</Th>
            <Th>What</Th>
            <Th>Where</Th>
          </TableHead>
          <tbody>
            {events.map((event) => (
              <Tr key={event.id}>
                <Td className="whitespace-nowrap text-ink-2">
                  <Time at={event.at} />
                </Td>
                <Td className="break-all max-md:text-ink-2 md:max-w-48 md:truncate" title={event.actor}>
                  {event.actor}
                </Td>
                <Td className="break-words max-md:order-first max-md:basis-full md:min-w-60">
                  {event.summary}
                  <span className="ml-2 font-mono text-ink-3 text-xs">{event.action}</span>
                </Td>
                <Td
                  className="break-all font-mono text-ink-2 text-xs max-md:basis-full md:max-w-80 md:truncate"
                  title={event.subject}
                >
                  {event.subject}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}

/** Who did what in the team, newest first; for who may not see it, who can. */
export function AuditPage({ teamRef }: { teamRef: TeamRef }) {
  const mayRead = useMay(teamRef.team, 'audit.read')
  if (mayRead) return <Events teamRef={teamRef} />
  return (
    <Panel title="Audit">
      <WhoCan team={teamRef.team} permission="audit.read" what="see it" />
    </Panel>
  )
}
