'use client'

import type { AppRef, DeliveryView } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useMay } from '#shell/use-account.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { DeliveryStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'

const LOOK_AGAIN_MS = 5_000

function DeliveryRow({ appRef, delivery }: { appRef: AppRef; delivery: DeliveryView }) {
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-2.5">
      <DeliveryStatusMark status={delivery.status} className="w-24 pt-0.5" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="break-words text-sm">{delivery.reason}</p>
        <p className="flex flex-wrap gap-x-2 text-ink-3 text-xs">
          <span>{delivery.event}</span>
          {delivery.commit && <span className="font-mono">{delivery.commit.slice(0, 7)}</span>}
          <span className="break-all font-mono">{delivery.deliveryId}</span>
        </p>
      </div>
      <span className="flex gap-3 text-xs">
        {delivery.build !== null && (
          <Link href={paths.build(appRef, delivery.build)} className="text-accent hover:underline">
            build #{delivery.build}
          </Link>
        )}
        {delivery.release !== null && (
          <Link href={`${paths.app(appRef, 'releases')}#v${delivery.release}`} className="text-accent hover:underline">
            v{delivery.release}
          </Link>
        )}
        <Time at={delivery.receivedAt} className="text-ink-3" />
      </span>
    </li>
  )
}

/** What the git host has sent, and what became of each. */
export function DeliveriesPanel({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const mayRead = useMay(appRef.team, 'webhook.read')
  const list = useInfiniteQuery(
    trpc.delivery.list.infiniteQueryOptions(
      { ...appRef, limit: 20 },
      { getNextPageParam: (page) => page.nextCursor, enabled: mayRead, refetchInterval: LOOK_AGAIN_MS },
    ),
  )
  if (!mayRead) return null
  const deliveries = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      title="Deliveries"
      about="Every call to the webhook and its outcome, including ignored and rejected ones."
      flush
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading deliveries" rows={3} />}
      {list.data && deliveries.length === 0 && (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">
          Nothing has been delivered yet. When the webhook is set up, the git host’s first ping shows here.
        </p>
      )}
      {deliveries.length > 0 && (
        <ol className="divide-y">
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} appRef={appRef} delivery={delivery} />
          ))}
        </ol>
      )}
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
