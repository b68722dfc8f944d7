'use client'

import type { AppView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { useShowApp } from './use-show-app.ts'

interface RestartDialogProps {
  app: AppView
  process: string
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Says what a restart of a process does, and does it. */
export function RestartDialog({ app, process, open, onOpenChange }: RestartDialogProps) {
  const trpc = useTRPC()
  const done = useShowApp(app.ref, `${process} is being restarted.`, () => onOpenChange(false))
  const restart = useMutation(trpc.app.restart.mutationOptions({ onSuccess: done }))
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Restart ${process}?`}
      about="The same release again: its instances are replaced one by one, and each new one is ready before an old one stops."
      action={`Restart ${process}`}
      pending={restart.isPending}
      error={restart.error}
      onConfirm={() => restart.mutate({ ...app.ref, process })}
    />
  )
}
