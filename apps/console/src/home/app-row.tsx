'use client'

import type { AppSummary } from '@slipway/domain'
import Link from 'next/link'
import { memo } from 'react'
import { paths } from '#lib/paths.ts'
import { cn } from '#ui/cn.ts'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Glow } from '#ui/glow.tsx'
import { AppHealthMark, BuildStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'
import type { SortKey } from './app-view.ts'
import { COLUMN_CLASSES } from './columns.ts'

const cell = (key: SortKey, className?: string) =>
  cn('h-9 overflow-hidden border-b px-2 py-1 first:pl-4 last:pr-4', COLUMN_CLASSES[key], className)

/** One app in one line of 36 px; the whole of it leads to the app. On a phone its place stands under its name. */
export const AppRow = memo(function AppRow({ app }: { app: AppSummary }) {
  const { ref, health, instances, activeBuild, lastRelease } = app
  const place = <EnvironmentTag name={ref.environment} kind={app.environmentKind} />
  const share = `${instances.ready} / ${instances.wanted}`
  return (
    <tr className="relative transition-colors focus-within:bg-hover hover:bg-hover/60">
      <th scope="row" className={cell('name', 'text-left font-normal')}>
        <Link
          href={paths.app(ref)}
          prefetch={false}
          data-app-link
          title={ref.app}
          className="block truncate font-medium text-sm after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-[-2px]"
        >
          {ref.app}
        </Link>
        <span className="flex min-w-0 items-center gap-1 text-ink-3 text-xs lg:hidden">
          <span className="truncate">{ref.project}</span> / {place}
        </span>
      </th>
      <td className={cell('status')} title={health.message}>
        <span className="flex min-w-0 items-center gap-x-2">
          <AppHealthMark app={app} className="max-sm:shrink max-sm:whitespace-normal" />
          {activeBuild && <BuildStatusMark status={activeBuild.status} />}
          {health.status !== 'Healthy' && (
            <span className="min-w-0 truncate text-ink-3 text-xs max-sm:hidden">
              <Glow value={health.message}>{health.message}</Glow>
            </span>
          )}
        </span>
        <span className="block text-ink-3 text-xs tabular sm:hidden">{share}</span>
      </td>
      <td className={cell('project', 'truncate text-ink-2 text-xs')} title={ref.project}>
        {ref.project}
      </td>
      <td className={cell('environment', 'truncate text-ink-2 text-xs')}>{place}</td>
      <td className={cell('instances', 'text-right text-ink-2 text-xs tabular')} title="Instances ready of wanted">
        {share}
      </td>
      <td className={cell('release', 'truncate text-ink-2 text-xs')} title={lastRelease?.description}>
        {lastRelease ? (
          <>
            <span className="font-mono">v{lastRelease.number}</span> {lastRelease.by}
          </>
        ) : (
          '–'
        )}
      </td>
      <td className={cell('deployed', 'whitespace-nowrap text-right text-ink-2 text-xs tabular')}>
        {lastRelease ? <Time at={lastRelease.at} /> : 'never'}
      </td>
    </tr>
  )
})
