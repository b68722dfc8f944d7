'use client'

import { isFailedSignIn } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'

/** What happened to the account, newest first: what its owner did not do, somebody else did. */
export function EventsPanel() {
  const trpc = useTRPC()
  const list = useInfiniteQuery(
    trpc.account.events.infiniteQueryOptions({ limit: 10 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const events = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      id="events"
      title="Account activity"
      about="If you do not recognise something here, change your password and end the other sessions."
      flush
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading account activity" rows={4} />}
      {list.data && events.length === 0 && (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">Nothing has happened yet.</p>
      )}
      <ul aria-label="Account activity" className="divide-y">
        {events.map((event) => (
          <li key={event.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-2">
            <p
              className={
                isFailedSignIn(event.action) ? 'min-w-0 flex-1 basis-64 text-degraded' : 'min-w-0 flex-1 basis-64'
              }
            >
              {event.summary}
              {event.count > 1 && ` ${event.count} times within the hour.`}
            </p>
            <p className="text-ink-3 text-xs">
              <span className="break-all font-mono">{event.address}</span> · <Time at={event.at} />
            </p>
          </li>
        ))}
      </ul>
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
