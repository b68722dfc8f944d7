'use client'

import type { AppRef } from '@slipway/domain'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { RecentBuilds, RecentReleases } from './activity-panels.tsx'
import { DeployProgress } from './deploy-progress.tsx'
import { DetailsPanel } from './details-panel.tsx'
import { FirstPush } from './first-push.tsx'
import { HealthPanel } from './health-panel.tsx'
import { ProcessesPanel } from './processes-panel.tsx'
import { useApp } from './use-app.ts'

/** The first page of an app: how it is, what is happening to it, what runs. */
export function Overview({ appRef }: { appRef: AppRef }) {
  const { data: app, error, refetch } = useApp(appRef)
  if (!app) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <OverviewSkeleton />
  const empty = app.currentRelease === null
  const awaitsPush = empty && app.sourceKind === 'git' && app.recentBuilds.length === 0
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(300px,380px)]">
      <div className="flex min-w-0 flex-col gap-4">
        {app.notConfigured.map((sentence) => (
          <Notice key={sentence} tone="warning">
            {sentence}
          </Notice>
        ))}
        {awaitsPush ? <FirstPush app={app} /> : <HealthPanel app={app} />}
        <DeployProgress app={app} />
        {!empty && <ProcessesPanel app={app} />}
        <RecentBuilds app={app} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <DetailsPanel app={app} />
        <RecentReleases app={app} />
      </div>
    </div>
  )
}

function OverviewSkeleton() {
  return (
    <div role="status" aria-label="Loading the app" className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_380px]">
      <div className="flex flex-col gap-4">
        <Skeleton className="h-14" />
        <Skeleton className="h-48" />
      </div>
      <div className="flex flex-col gap-4">
        <Skeleton className="h-36" />
        <Skeleton className="h-56" />
      </div>
    </div>
  )
}
