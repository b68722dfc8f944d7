'use client'

import type { AppRef, AppView, BuildView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { Ban, Check, CircleDashed, CircleX, type LucideIcon, ScrollText } from 'lucide-react'
import Link from 'next/link'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { formatDuration } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Panel } from '#ui/panel.tsx'
import { Spinner } from '#ui/spinner.tsx'
import { currentDeploy, type Deploy, type DeployStep, type StepState } from './deploy-steps.ts'
import { LiveBuildLog } from './live-build-log.tsx'
import { BuildAgain } from './repair-buttons.tsx'

const ICONS: Record<Exclude<StepState, 'running'>, LucideIcon> = {
  waiting: CircleDashed,
  done: Check,
  failed: CircleX,
  cancelled: Ban,
}

const COLOURS: Record<StepState, string> = {
  waiting: 'text-ink-3',
  running: 'text-progressing',
  done: 'text-healthy',
  failed: 'text-degraded',
  cancelled: 'text-suspended',
}

const WORDS: Record<StepState, string> = {
  waiting: 'not started',
  running: 'in progress',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
}

function Step({ step }: { step: DeployStep }) {
  const Icon = step.state === 'running' ? Spinner : ICONS[step.state]
  return (
    <li className="flex min-w-0 items-start gap-2.5 py-1.5 text-sm">
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', COLOURS[step.state])} />
      <div className="min-w-0 flex-1">
        <span className={step.state === 'waiting' ? 'text-ink-3' : 'font-medium'}>{step.label}</span>
        <span className="sr-only">, {WORDS[step.state]}</span>
        {step.detail && <span className="ml-2 break-words text-ink-2">{step.detail}</span>}
      </div>
      {step.durationMs !== null && (
        <span className="shrink-0 text-ink-3 text-xs tabular" suppressHydrationWarning>
          {formatDuration(step.durationMs)}
        </span>
      )}
    </li>
  )
}

function CancelButton({ appRef, deploy }: { appRef: AppRef; deploy: Deploy }) {
  const trpc = useTRPC()
  const onError = (error: unknown) => toast.error(problemOf(error).message)
  const cancelBuild = useMutation(trpc.build.cancel.mutationOptions({ onError }))
  const cancelRelease = useMutation(trpc.release.cancel.mutationOptions({ onError }))
  const { build, release } = deploy
  const cancel = () => {
    if (release) cancelRelease.mutate({ ...appRef, release: release.number })
    else if (build) cancelBuild.mutate({ ...appRef, build: build.number })
  }
  return (
    <Button size="sm" pending={cancelBuild.isPending || cancelRelease.isPending} onClick={cancel}>
      Cancel
    </Button>
  )
}

const isFailed = ({ status }: BuildView) => status === 'failed' || status === 'timed_out'

/** The deploy under way: named steps, how long each takes, and the way to stop it. */
export function DeployProgress({ app }: { app: AppView }) {
  const now = useNow(1_000)
  const mayDeploy = useMay(app.ref.team, 'app.deploy')
  const deploy = currentDeploy(app, now)
  if (!deploy) return null
  const failedBuild = deploy.build && isFailed(deploy.build) ? deploy.build.number : null
  return (
    <Panel
      title={<span className="break-words">{deploy.title}</span>}
      actions={
        <>
          {deploy.build && (
            <Button asChild size="sm" variant="ghost">
              <Link href={paths.build(app.ref, deploy.build.number)}>
                <ScrollText aria-hidden />
                Build log
              </Link>
            </Button>
          )}
          {failedBuild !== null && mayDeploy && <BuildAgain app={app} build={failedBuild} variant="secondary" />}
          {deploy.underway && mayDeploy && <CancelButton appRef={app.ref} deploy={deploy} />}
        </>
      }
    >
      <ol aria-label="Steps of the deploy">
        {deploy.steps.map((step) => (
          <Step key={step.id} step={step} />
        ))}
      </ol>
      {deploy.underway && !deploy.release && deploy.build && (
        <LiveBuildLog appRef={app.ref} build={deploy.build.number} />
      )}
    </Panel>
  )
}
