'use client'

import type { AppView, BuildView, ReleaseView } from '@slipway/domain'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { formatDuration } from '#lib/time.ts'
import { Button } from '#ui/button.tsx'
import { Panel } from '#ui/panel.tsx'
import { BuildStatusMark, ReleaseStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'

const SHOWN = 5

/** How long its build and its rollout took: what the steps said while they went on. */
function tookWords(app: AppView, release: ReleaseView): string {
  const build = release.kind === 'build' ? app.recentBuilds.find(({ number }) => number === release.build) : undefined
  const built = build?.startedAt && build.finishedAt ? Date.parse(build.finishedAt) - Date.parse(build.startedAt) : null
  const live = release.liveAt === null ? null : Date.parse(release.liveAt) - Date.parse(release.at)
  return [
    ...(built === null ? [] : [`built in ${formatDuration(built)}`]),
    ...(live === null ? [] : [`live after ${formatDuration(live)}`]),
  ].join(', ')
}

function ReleaseLine({ app, release }: { app: AppView; release: ReleaseView }) {
  const took = tookWords(app, release)
  return (
    <li className="flex min-w-0 items-center gap-3 px-4 py-2 text-sm">
      <span className="w-10 shrink-0 font-mono text-ink-2 text-xs">v{release.number}</span>
      <div className="min-w-0 flex-1">
        <p className="truncate" title={release.description}>
          {release.description}
        </p>
        <p className="truncate text-ink-3 text-xs">
          {release.by} · <Time at={release.at} />
          {took && ` · ${took}`}
        </p>
      </div>
      <ReleaseStatusMark status={release.status} />
    </li>
  )
}

/** The newest releases, with the way to all of them. */
export function RecentReleases({ app }: { app: AppView }) {
  return (
    <Panel
      title="Releases"
      flush
      actions={
        <Button asChild size="sm" variant="ghost">
          <Link href={paths.app(app.ref, 'releases')}>All releases</Link>
        </Button>
      }
    >
      {app.recentReleases.length === 0 ? (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">
          Every deploy and every config change creates a release.
        </p>
      ) : (
        <ol className="divide-y">
          {app.recentReleases.slice(0, SHOWN).map((release) => (
            <ReleaseLine key={release.number} app={app} release={release} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

function BuildLine({ app, build }: { app: AppView; build: BuildView }) {
  return (
    <li>
      <Link
        href={paths.build(app.ref, build.number)}
        className="flex min-w-0 items-center gap-3 px-4 py-2 text-sm hover:bg-hover/60 focus-visible:outline-offset-[-2px]"
      >
        <span className="w-10 shrink-0 font-mono text-ink-2 text-xs">#{build.number}</span>
        <span className="min-w-0 flex-1">
          <span className="block truncate">{build.message || 'No commit message'}</span>
          <span className="block truncate text-ink-3 text-xs">
            <span className="font-mono">{build.commit.slice(0, 7)}</span> · {build.by} · <Time at={build.createdAt} />
          </span>
        </span>
        <BuildStatusMark status={build.status} />
      </Link>
    </li>
  )
}

/** The newest builds, with the way to all of them. */
export function RecentBuilds({ app }: { app: AppView }) {
  if (app.recentBuilds.length === 0) return null
  return (
    <Panel
      title="Builds"
      flush
      actions={
        <Button asChild size="sm" variant="ghost">
          <Link href={paths.app(app.ref, 'builds')}>All builds</Link>
        </Button>
      }
    >
      <ol className="divide-y">
        {app.recentBuilds.slice(0, SHOWN).map((build) => (
          <BuildLine key={build.number} app={app} build={build} />
        ))}
      </ol>
    </Panel>
  )
}
