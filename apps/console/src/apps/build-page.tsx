'use client'

import { type AppRef, type BuildView, isBuildOver } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { TRIGGER_WORDS } from '#lib/build-trigger.ts'
import { paths } from '#lib/paths.ts'
import { useNow } from '#lib/use-now.ts'
import { KeptLogPanel } from '#logs/kept-log-panel.tsx'
import { useLogWindow } from '#logs/use-log-window.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { BuildStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'
import { BuildDuration } from './builds-page.tsx'
import { type BuildTarget, useBuildLog } from './use-build-log.ts'
import { useDeployAgain } from './use-deploy-again.ts'

function CancelBuild({ appRef, build }: BuildTarget) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const cancel = useMutation(
    trpc.build.cancel.mutationOptions({
      onSuccess: (view) => queryClient.setQueryData(trpc.build.get.queryKey({ ...appRef, build }), view),
      onError: (error) => toast.error(problemOf(error).message),
    }),
  )
  return (
    <Button size="sm" pending={cancel.isPending} onClick={() => cancel.mutate({ ...appRef, build })}>
      Cancel build
    </Button>
  )
}

function DeployAgain({ appRef, build }: BuildTarget) {
  const again = useDeployAgain(appRef)
  return (
    <Button size="sm" pending={again.isPending} onClick={() => again.mutate({ ...appRef, build })}>
      Deploy again
    </Button>
  )
}

function BuildHead({ appRef, view }: { appRef: AppRef; view: BuildView }) {
  const over = isBuildOver(view.status)
  const now = useNow(over ? null : 1_000)
  const mayDeploy = useMay(appRef.team, 'app.deploy')
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="min-w-0 break-words font-medium text-lg">
          Build #{view.number}: {view.message || 'no commit message'}
        </h2>
        <BuildStatusMark status={view.status} />
        <span className="flex-1" />
        {view.release !== null && (
          <Button asChild size="sm">
            <Link href={`${paths.app(appRef, 'releases')}#v${view.release}`}>Released v{view.release}</Link>
          </Button>
        )}
        {!over && mayDeploy && <CancelBuild appRef={appRef} build={view.number} />}
        {over && mayDeploy && <DeployAgain appRef={appRef} build={view.number} />}
      </div>
      <p className="flex flex-wrap gap-x-3 text-ink-3 text-xs">
        <span className="font-mono">
          {view.commit.slice(0, 12)} on {view.branch}
        </span>
        <span>
          {view.by}, {TRIGGER_WORDS[view.trigger]}
        </span>
        <Time at={view.createdAt} />
        <BuildDuration build={view} nowMs={now} />
      </p>
    </>
  )
}

/** One build with its log, live while it runs, kept when it failed. */
export function BuildPage({ appRef, build }: BuildTarget) {
  const trpc = useTRPC()
  const { data: view, error, refetch } = useQuery(trpc.build.get.queryOptions({ ...appRef, build }))
  const window = useLogWindow()
  const problem = useBuildLog(window, { appRef, build })
  if (!view && error) return <ProblemNotice error={error} onRetry={() => void refetch()} />
  const over = view ? isBuildOver(view.status) : false
  return (
    <div className="flex flex-col gap-3">
      {view ? <BuildHead appRef={appRef} view={view} /> : <Skeleton className="h-12 max-w-xl" />}
      {view?.failure && (
        <Notice tone="degraded" title={view.failure}>
          {view.release === null && 'Nothing was deployed: what ran before is still running.'}
        </Notice>
      )}
      {problem && <Notice tone="warning">{problem.message}</Notice>}
      <KeptLogPanel
        window={window}
        label={`Log of build ${build}`}
        fileName={`${appRef.app}-build-${build}.log`}
        live={!over}
        empty={over ? 'This build wrote no log.' : 'Waiting for a builder. The log begins as soon as one is free.'}
      />
    </div>
  )
}
