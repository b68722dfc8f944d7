'use client'

import type { AppSummary } from '@slipway/domain'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Glow } from '#ui/glow.tsx'
import { AppHealthMark, BuildStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'

function LastRelease({ app }: { app: AppSummary }) {
  const { lastRelease } = app
  if (!lastRelease) return <span className="text-ink-3 text-xs">Nothing deployed yet</span>
  return (
    <>
      <span className="block truncate text-sm" title={lastRelease.description}>
        <span className="font-mono text-ink-2 text-xs">v{lastRelease.number}</span> {lastRelease.description}
      </span>
      <span className="block truncate text-ink-3 text-xs">
        {lastRelease.by} · <Time at={lastRelease.at} />
      </span>
    </>
  )
}

/** One app in a list: health, sentence, what was released last. The whole row leads to the app. */
export function AppRow({ app }: { app: AppSummary }) {
  const { ref, health, instances, activeBuild } = app
  return (
    <li className="relative grid grid-cols-1 items-center gap-x-4 gap-y-1 px-4 py-2.5 transition-colors hover:bg-hover/60 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)_5rem_minmax(0,5fr)]">
      <div className="min-w-0">
        <Link
          href={paths.app(ref)}
          className="block truncate font-medium text-base after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-[-2px]"
        >
          {ref.app}
        </Link>
        <span className="flex min-w-0 items-center gap-1 text-ink-3 text-xs">
          <span className="truncate">{ref.project}</span> /{' '}
          <EnvironmentTag name={ref.environment} kind={app.environmentKind} />
        </span>
      </div>
      <div className="min-w-0">
        <span className="flex items-center gap-3">
          <AppHealthMark app={app} />
          {activeBuild && <BuildStatusMark status={activeBuild.status} />}
        </span>
        <span className="block truncate text-ink-2 text-xs" title={health.message}>
          <Glow value={health.message}>{health.message}</Glow>
        </span>
      </div>
      <span className="text-ink-2 text-xs tabular max-lg:hidden lg:text-right" title="Instances ready of wanted">
        {instances.ready} / {instances.wanted}
      </span>
      <div className="min-w-0 max-sm:hidden">
        <LastRelease app={app} />
      </div>
    </li>
  )
}
