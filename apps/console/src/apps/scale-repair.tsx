'use client'

import { type AppView, type Repair, repairLabel } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { Button, type ButtonProps } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { useShowApp } from './use-show-app.ts'

type ScaleRepair = Extract<Repair, { kind: 'raise_memory' | 'scale_down' }>

function words(app: AppView, repair: ScaleRepair): { title: string; about: string } {
  const now = app.processes.find(({ name }) => name === repair.process)
  switch (repair.kind) {
    case 'raise_memory':
      return {
        title: `Raise the memory limit of ${repair.process}?`,
        about: `From ${now?.memoryMiB ?? 0} to ${repair.memoryMiB} MiB for each instance. Its instances are replaced one by one, and the quota counts the larger size.`,
      }
    case 'scale_down':
      return {
        title: `Scale ${repair.process} down to ${repair.instances}?`,
        about: `From ${now?.instances ?? 0} to ${repair.instances}: what runs now keeps running, and no more are started.`,
      }
  }
}

/** Asks, then changes the size or the count of one process. */
export function ScaleRepairButton({
  app,
  repair,
  variant,
}: { app: AppView; repair: ScaleRepair } & Pick<ButtonProps, 'variant'>) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const done = useShowApp(app.ref, `${repair.process} is being scaled.`, () => {
    setAsking(false)
    void queryClient.invalidateQueries({ queryKey: trpc.quota.get.queryKey({ team: app.ref.team }) })
  })
  const scale = useMutation(trpc.app.scale.mutationOptions({ onSuccess: done }))
  const { title, about } = words(app, repair)
  const change = repair.kind === 'raise_memory' ? { memoryMiB: repair.memoryMiB } : { instances: repair.instances }
  return (
    <>
      <Button size="sm" variant={variant} onClick={() => setAsking(true)}>
        {repairLabel(repair)}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={title}
        about={about}
        action={repairLabel(repair)}
        pending={scale.isPending}
        error={scale.error}
        onConfirm={() => scale.mutate({ ...app.ref, processes: [{ name: repair.process, ...change }] })}
      />
    </>
  )
}
