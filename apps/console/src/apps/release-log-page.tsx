'use client'

import { isReleaseCommandActive, type ReleaseView } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { SquareTerminal } from 'lucide-react'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { KeptLogPanel } from '#logs/kept-log-panel.tsx'
import type { LogWindow } from '#logs/log-window.ts'
import { useLogWindow } from '#logs/use-log-window.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { ReleaseCommandMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'
import { ReleaseActions } from './release-actions.tsx'
import { CommandDuration, commandEnd } from './release-command.tsx'
import { useApp } from './use-app.ts'
import { type ReleaseTarget, useReleaseLog } from './use-release-log.ts'

function Head({ appRef, view }: { appRef: ReleaseTarget['appRef']; view: ReleaseView }) {
  const { data: app } = useApp(appRef)
  const { command, number } = view
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 break-words font-medium text-lg">Release command of v{number}</h2>
        {command && <ReleaseCommandMark status={command.status} />}
        <span className="flex-1" />
        <CopyAs lines={[cliLine(appRef, 'releases', 'output', `v${number}`)]} />
        {app && <ReleaseActions app={app} release={view} />}
      </div>
      <p className="flex flex-wrap gap-x-3 text-ink-3 text-xs">
        <Link href={`${paths.app(appRef, 'releases')}#v${number}`} className="text-accent hover:underline">
          v{number}: {view.description}
        </Link>
        <span>{view.by}</span>
        <Time at={view.at} />
        {command && <CommandDuration command={command} />}
      </p>
    </>
  )
}

function Output({ appRef, release, view, window }: ReleaseTarget & { view: ReleaseView; window: LogWindow }) {
  const problem = useReleaseLog(window, { appRef, release })
  const { command } = view
  if (command === null) return null
  const end = commandEnd(command)
  const active = isReleaseCommandActive(command.status)
  return (
    <>
      {end !== null && (
        <Notice tone={command.status === 'failed' ? 'degraded' : 'neutral'} title={end}>
          The release was not deployed: what ran before is still running.
        </Notice>
      )}
      {problem && <Notice tone="warning">{problem.message}</Notice>}
      <KeptLogPanel
        window={window}
        label={`Output of the release command of v${release}`}
        fileName={`${appRef.app}-v${release}-release.log`}
        live={active}
        empty={active ? 'No output yet.' : 'This command printed nothing.'}
      />
    </>
  )
}

/** The output of what a release ran before it was deployed: live while it runs, kept with the release. */
export function ReleaseLogPage({ appRef, release }: ReleaseTarget) {
  const trpc = useTRPC()
  const { data: view, error, refetch } = useQuery(trpc.release.get.queryOptions({ ...appRef, release }))
  const window = useLogWindow()
  if (!view && error) return <ProblemNotice error={error} onRetry={() => void refetch()} />
  if (!view) return <Skeleton className="h-12 max-w-xl" />
  return (
    <div className="flex flex-col gap-3">
      <Head appRef={appRef} view={view} />
      {view.command === null ? (
        <Panel>
          <EmptyState
            icon={SquareTerminal}
            title={`v${release} has no release command`}
            action={
              <Button asChild size="sm">
                <Link href={paths.app(appRef, 'releases')}>All releases</Link>
              </Button>
            }
          >
            A line such as <code>release: npm run migrate</code> in the Procfile runs before each release is deployed.
            If it fails, the release is not deployed.
          </EmptyState>
        </Panel>
      ) : (
        <Output appRef={appRef} release={release} view={view} window={window} />
      )}
    </div>
  )
}
