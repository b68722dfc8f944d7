'use client'

import { type AppView, planRelease } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useForeseen } from '#quota/use-quota.ts'
import { ReleaseDiff } from '#releases/release-diff.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'

interface RollbackDialogProps {
  app: AppView
  release: number
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** Says what going back to a release does, and does it. */
export function RollbackDialog({ app, release, open, onOpenChange }: RollbackDialogProps) {
  const trpc = useTRPC()
  const rollback = useMutation(
    trpc.release.rollback.mutationOptions({
      onSuccess(made) {
        onOpenChange(false)
        toast.success(`v${made.number} is rolling out: the app goes back to v${release}.`)
      },
    }),
  )
  const processes = app.recentReleases.find(({ number }) => number === release)?.processes
  const found = useForeseen(app.ref, open ? planRelease(app, processes) : null)
  const meanwhile =
    app.servingRelease === null ? '' : ` v${app.servingRelease} serves until the new instances are ready.`
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Roll back to v${release}?`}
      about={`The same image and the same config as v${release}, without a build. The scale stays as it is.${meanwhile}`}
      action={`Roll back to v${release}`}
      pending={rollback.isPending}
      error={rollback.error}
      details={
        open &&
        app.currentRelease !== null && (
          <ReleaseDiff appRef={app.ref} compared={{ from: app.currentRelease, to: release }} />
        )
      }
      blocked={found.refusal && <PreflightNotice found={found} />}
      onConfirm={() => rollback.mutate({ ...app.ref, release })}
    />
  )
}
