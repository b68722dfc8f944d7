'use client'

import { type AppView, type Repair, repairLabel, repairsFor, type WhyView } from '@slipway/domain'
import Link from 'next/link'
import { useState } from 'react'
import { paths } from '#lib/paths.ts'
import { Button, type ButtonProps } from '#ui/button.tsx'
import { DeployImageButton } from './deploy-image-button.tsx'
import { RestartButton } from './restart-button.tsx'
import { RollbackDialog } from './rollback-dialog.tsx'
import { ScaleRepairButton } from './scale-repair.tsx'
import { useDeployAgain } from './use-deploy-again.ts'

type Variant = ButtonProps['variant']

interface RepairProps<R extends Repair = Repair> {
  app: AppView
  repair: R
  variant: Variant
}

const LINE_MAX = 80

/** The log of what failed, with its last line marked. */
function logLink(app: AppView, why: WhyView): string {
  const query = new URLSearchParams()
  if (why.instance) query.set('instance', why.instance)
  else if (why.process) query.set('process', why.process)
  const last = why.logTail.findLast((line) => /^[\x20-\x7e]*\S[\x20-\x7e]*$/.test(line))
  if (last) query.set('q', last.trim().slice(0, LINE_MAX).trim())
  return `${paths.app(app.ref, 'logs')}?${query}`
}

function LinkButton({ href, repair, variant }: { href: string; repair: Repair; variant: Variant }) {
  return (
    <Button asChild size="sm" variant={variant}>
      <Link href={href}>{repairLabel(repair)}</Link>
    </Button>
  )
}

function RollBack({ app, repair, variant }: RepairProps<Extract<Repair, { kind: 'roll_back' }>>) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button size="sm" variant={variant} onClick={() => setAsking(true)}>
        {repairLabel(repair)}
      </Button>
      <RollbackDialog app={app} release={repair.release} open={asking} onOpenChange={setAsking} />
    </>
  )
}

/** Builds the same commit again, and leads to the new build. */
export function BuildAgain({ app, build, variant }: { app: AppView; build: number; variant: Variant }) {
  const again = useDeployAgain(app.ref)
  return (
    <Button size="sm" variant={variant} pending={again.isPending} onClick={() => again.mutate({ ...app.ref, build })}>
      Try again
    </Button>
  )
}

function RepairButton({ app, repair, why, variant }: RepairProps & { why: WhyView }) {
  const link = (href: string) => <LinkButton href={href} repair={repair} variant={variant} />
  switch (repair.kind) {
    case 'roll_back':
      return <RollBack app={app} repair={repair} variant={variant} />
    case 'set_variable':
      return link(`${paths.app(app.ref, 'config')}?${new URLSearchParams({ set: repair.name })}`)
    case 'raise_memory':
    case 'scale_down':
      return <ScaleRepairButton app={app} repair={repair} variant={variant} />
    case 'resize':
      return link(paths.app(app.ref, 'processes'))
    case 'raise_start_timeout':
      return link(paths.app(app.ref, 'settings'))
    case 'deploy_image':
      return <DeployImageButton app={app} label={repairLabel(repair)} variant={variant} />
    case 'add_registry':
      return link(paths.teamSettings(app.ref, 'registries'))
    case 'raise_quota':
      return link(paths.teamSettings(app.ref, 'quota'))
    case 'restart':
      return <RestartButton app={app} process={repair.process} label={repairLabel(repair)} />
    case 'build_again':
      return <BuildAgain app={app} build={repair.build} variant={variant} />
    case 'open_build_log':
      return link(paths.build(app.ref, repair.build))
    case 'open_release_log':
      return link(paths.releaseLog(app.ref, repair.release))
    case 'open_log':
      return link(logLink(app, why))
  }
}

/** What this person can do about the cause, the best first. */
export function RepairButtons({ app, why }: { app: AppView; why: WhyView }) {
  const repairs = repairsFor(why.repairs, app)
  if (repairs.length === 0) return null
  return (
    <div className="flex flex-wrap gap-2">
      {repairs.map((repair, index) => (
        <RepairButton
          key={repair.kind}
          app={app}
          repair={repair}
          why={why}
          variant={index === 0 ? 'primary' : 'secondary'}
        />
      ))}
    </div>
  )
}
