'use client'

import { type AppRef, type BuildView, isBuildOver } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Hammer } from 'lucide-react'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { TRIGGER_WORDS } from '#lib/build-trigger.ts'
import { paths } from '#lib/paths.ts'
import { formatDuration } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { BuildStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'
import { useApp } from './use-app.ts'

/** How long a build took, or has taken so far; empty before it begins. */
export function BuildDuration({ build, nowMs }: { build: BuildView; nowMs: number }) {
  if (build.startedAt === null) return null
  const end = build.finishedAt ? Date.parse(build.finishedAt) : nowMs
  return <span suppressHydrationWarning>{formatDuration(end - Date.parse(build.startedAt))}</span>
}

function BuildItem({ appRef, build, nowMs }: { appRef: AppRef; build: BuildView; nowMs: number }) {
  return (
    <li className="relative flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover/60">
      <span className="w-10 shrink-0 pt-px font-medium font-mono text-sm">#{build.number}</span>
      <div className="min-w-0 flex-1 basis-52">
        <Link
          href={paths.build(appRef, build.number)}
          className="block break-words text-base after:absolute after:inset-0"
        >
          {build.message || 'No commit message'}
        </Link>
        <p className="flex flex-wrap gap-x-2 text-ink-3 text-xs">
          <span className="font-mono">
            {build.commit.slice(0, 7)} on {build.branch}
          </span>
          <span>
            {build.by}, {TRIGGER_WORDS[build.trigger]}
          </span>
          <Time at={build.createdAt} />
          {build.release !== null && <span>released v{build.release}</span>}
        </p>
        {build.failure && <p className="mt-1 break-words text-degraded text-sm">{build.failure}</p>}
      </div>
      <span className="flex items-center gap-4 max-sm:basis-full max-sm:flex-row-reverse max-sm:justify-end max-sm:pl-14">
        <span className="text-ink-3 text-xs tabular">
          <BuildDuration build={build} nowMs={nowMs} />
        </span>
        <BuildStatusMark status={build.status} />
      </span>
    </li>
  )
}

/** All builds, newest first. */
export function BuildsPage({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const { data: app } = useApp(appRef)
  const list = useInfiniteQuery(
    trpc.build.list.infiniteQueryOptions({ ...appRef, limit: 30 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const builds = list.data?.pages.flatMap((page) => page.items) ?? []
  const now = useNow(builds.some((build) => !isBuildOver(build.status)) ? 1_000 : null)
  return (
    <Panel title="Builds" about="From a commit to an image. Logs are kept, including those of failed builds." flush>
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {!list.error && !list.data && <SkeletonRows label="Loading builds" />}
      {list.data && builds.length === 0 && (
        <EmptyState icon={Hammer} title="No builds yet">
          {app?.sourceKind === 'image'
            ? 'This app runs an image as it is. Push code to its git address to have Slipway build it.'
            : 'Push your code, or connect a repository in Settings: each push becomes one build of that commit.'}
        </EmptyState>
      )}
      {builds.length > 0 && (
        <ol className="divide-y">
          {builds.map((build) => (
            <BuildItem key={build.number} appRef={appRef} build={build} nowMs={now} />
          ))}
        </ol>
      )}
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
