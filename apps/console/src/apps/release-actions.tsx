'use client'

import { type AppView, isRollingOut, type ReleaseView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'

/** What can be done with a release: stop it while it rolls out, go back to it afterwards. */
export function ReleaseActions({ app, release }: { app: AppView; release: ReleaseView }) {
  const trpc = useTRPC()
  const mayDeploy = useMay(app.ref.team, 'app.deploy')
  const [asking, setAsking] = useState(false)
  const cancel = useMutation(
    trpc.release.cancel.mutationOptions({ onError: (error) => toast.error(problemOf(error).message) }),
  )
  const rollback = useMutation(
    trpc.release.rollback.mutationOptions({
      onSuccess(made) {
        setAsking(false)
        toast.success(`v${made.number} takes the app back to v${release.number}.`)
      },
    }),
  )
  const target = { ...app.ref, release: release.number }
  if (!mayDeploy) return null
  if (isRollingOut(release.status)) {
    return (
      <Button size="sm" pending={cancel.isPending} onClick={() => cancel.mutate(target)}>
        Cancel
      </Button>
    )
  }
  if (release.number === app.currentRelease || release.status === 'cancelled') return null
  return (
    <>
      <Button size="sm" variant="ghost" aria-label={`Roll back to v${release.number}`} onClick={() => setAsking(true)}>
        <RotateCcw aria-hidden />
        Roll back
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Roll back to v${release.number}?`}
        about={`The same image and the same config as v${release.number}, without a build. The scale stays as it is. v${app.servingRelease ?? app.currentRelease} serves until the new instances are ready.`}
        action={`Roll back to v${release.number}`}
        pending={rollback.isPending}
        error={rollback.error}
        onConfirm={() => rollback.mutate(target)}
      />
    </>
  )
}
