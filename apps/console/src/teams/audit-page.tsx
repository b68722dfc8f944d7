'use client'

import type { TeamRef } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'
import { Time } from '#ui/time.tsx'

/** Who did what in the team, newest first. */
export function AuditPage({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions({ ...teamRef, limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const events = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel title="Audit" about="Every change, and every look at a secret." flush>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading the audit" rows={8} />}
      {list.data && events.length === 0 && (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">Nothing has happened yet.</p>
      )}
      {events.length > 0 && (
        <Table label="Audit">
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
                <Td className="max-w-48 truncate">{event.actor}</Td>
                <Td className="min-w-60">
                  {event.summary}
                  <span className="ml-2 font-mono text-ink-3 text-xs">{event.action}</span>
                </Td>
                <Td className="max-w-80 truncate font-mono text-ink-2 text-xs" title={event.subject}>
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
