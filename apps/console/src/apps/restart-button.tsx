'use client'

import type { AppView, InstanceView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { RestartDialog } from './restart-dialog.tsx'
import { useShowApp } from './use-show-app.ts'

interface RestartProps {
  app: AppView
  process: string
}

/** Asks, then replaces every instance of a process, one after the other. */
export function RestartButton({ app, process, label = 'Restart' }: RestartProps & { label?: string }) {
  const mayRestart = useMay(app.ref.team, 'app.deploy')
  const [asking, setAsking] = useState(false)
  if (!mayRestart) return null
  return (
    <>
      <Button size="sm" aria-label={`Restart ${process}`} onClick={() => setAsking(true)}>
        <RotateCw aria-hidden />
        {label}
      </Button>
      <RestartDialog app={app} process={process} open={asking} onOpenChange={setAsking} />
    </>
  )
}

/** Asks, then ends one instance; another takes its place. */
export function RestartInstanceButton({ app, instance }: { app: AppView; instance: InstanceView }) {
  const trpc = useTRPC()
  const mayRestart = useMay(app.ref.team, 'app.deploy')
  const [asking, setAsking] = useState(false)
  const done = useShowApp(app.ref, `${instance.name} is being restarted.`, () => setAsking(false))
  const restart = useMutation(trpc.app.restart.mutationOptions({ onSuccess: done }))
  const others = app.instanceList.some(
    (each) => each.process === instance.process && each.ready && each.name !== instance.name,
  )
  if (!mayRestart || instance.state === 'stopping' || instance.state === 'finished') return null
  return (
    <>
      <Button
        size="iconSm"
        variant="ghost"
        aria-label={`Restart ${instance.name}`}
        title="Restart this instance"
        onClick={() => setAsking(true)}
      >
        <RotateCw aria-hidden />
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={<span className="break-all">Restart {instance.name}?</span>}
        about={
          others
            ? 'It stops, and another takes its place. The others keep running.'
            : `It stops, and another takes its place. No other instance of ${instance.process} is ready: until the new one is, nothing of it runs.`
        }
        action="Restart instance"
        pending={restart.isPending}
        error={restart.error}
        onConfirm={() => restart.mutate({ ...app.ref, instance: instance.name })}
      />
    </>
  )
}
