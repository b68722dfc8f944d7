'use client'

import type { AppRef, AppView, ConfigChange, ReleaseView } from '@slipway/domain'
import { useInfiniteQuery } from '@tanstack/react-query'
import { GitCompareArrows, History } from 'lucide-react'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { formatDuration } from '#lib/time.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { ChangeSign } from '#releases/change-sign.tsx'
import { ComparePanel } from '#releases/compare-panel.tsx'
import { comparedWith, formatCompared, parseCompared } from '#releases/compared.ts'
import { PromoteButton } from '#releases/promote-button.tsx'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ReleaseStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'
import { ReleaseActions } from './release-actions.tsx'
import { ReleaseCommandLine } from './release-command.tsx'
import { useApp } from './use-app.ts'

function ConfigChanges({ changes }: { changes: readonly ConfigChange[] }) {
  if (changes.length === 0) return null
  return (
    <ul aria-label="Config changes" className="mt-1 flex flex-wrap gap-x-3 gap-y-0.5 font-mono text-xs">
      {changes.map(({ key, change }) => (
        <li key={key} className="min-w-0 break-all text-ink-2">
          <ChangeSign change={change} /> {key}
        </li>
      ))}
    </ul>
  )
}

function ReleaseFacts({ app, release }: { app: AppView; release: ReleaseView }) {
  return (
    <p className="flex flex-wrap gap-x-2 text-ink-3 text-xs">
      <span>{release.by}</span>
      <Time at={release.at} />
      {release.liveAt && <span>live after {formatDuration(Date.parse(release.liveAt) - Date.parse(release.at))}</span>}
      {release.commit && <span className="font-mono">{release.commit.slice(0, 7)}</span>}
      {release.build !== null && (
        <Link href={paths.build(app.ref, release.build)} className="text-accent hover:underline">
          build #{release.build}
        </Link>
      )}
    </p>
  )
}

/** Leads to what differs between this release and the one that is wanted now. */
function CompareLink({ app, release }: { app: AppView; release: number }) {
  const compared = comparedWith(release, app.currentRelease)
  if (compared === null) return null
  return (
    <Button asChild size="sm" variant="ghost">
      <Link href={paths.compare(app.ref, compared)} aria-label={`Compare v${compared.from} with v${compared.to}`}>
        <GitCompareArrows aria-hidden />
        Compare
      </Link>
    </Button>
  )
}

function ReleaseItem({ app, release }: { app: AppView; release: ReleaseView }) {
  return (
    <li
      id={`v${release.number}`}
      className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 target:bg-accent-soft"
    >
      <span className="w-10 shrink-0 pt-px font-medium font-mono text-sm">v{release.number}</span>
      <div className="min-w-0 flex-1 basis-52">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 break-words text-base">{release.description}</span>
        </div>
        <ReleaseFacts app={app} release={release} />
        <ConfigChanges changes={release.configChanges} />
        <ReleaseCommandLine appRef={app.ref} release={release} />
        {release.message && <p className="mt-1 break-words text-degraded text-sm">{release.message}</p>}
      </div>
      <div className="flex min-h-7 items-center gap-1 max-sm:basis-full max-sm:flex-wrap max-sm:pl-14">
        <ReleaseStatusMark status={release.status} />
        <span className="w-2 max-sm:flex-1" />
        <CompareLink app={app} release={release.number} />
        {release.liveAt !== null && <PromoteButton appRef={app.ref} release={release.number} />}
        <ReleaseActions app={app} release={release} />
      </div>
    </li>
  )
}

/** All releases, newest first: what changed, who, when, what became of it, and the way back. */
export function ReleasesPage({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const { data: app } = useApp(appRef)
  const list = useInfiniteQuery(
    trpc.release.list.infiniteQueryOptions({ ...appRef, limit: 30 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const releases = list.data?.pages.flatMap((page) => page.items) ?? []
  const [asked, ask] = useQueryParam('compare')
  const compared = parseCompared(asked)
  if (compared !== null) {
    const onCompare = (next: typeof compared) => ask(formatCompared(next))
    return <ComparePanel appRef={appRef} compared={compared} onCompare={onCompare} releases={releases} />
  }
  return (
    <Panel
      title="Releases"
      about="Every deploy and every config change creates one. Rolling back needs no build."
      flush
      actions={
        <CopyAs
          lines={[
            cliLine(appRef, 'releases'),
            cliLine(appRef, 'releases', 'diff', 'v1', 'v2'),
            cliLine(appRef, 'rollback', 'v1'),
            cliLine(appRef, 'promote', '--to', 'production'),
          ]}
        />
      }
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {!list.error && (!list.data || !app) && <SkeletonRows label="Loading releases" />}
      {app && list.data && releases.length === 0 && (
        <EmptyState icon={History} title="No releases yet">
          Your first push or image creates the first one. It keeps image, config and processes together, so that it can
          be brought back as it was.
        </EmptyState>
      )}
      {app && releases.length > 0 && (
        <ol className="divide-y">
          {releases.map((release) => (
            <ReleaseItem key={release.number} app={app} release={release} />
          ))}
        </ol>
      )}
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
