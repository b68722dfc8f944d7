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
import { RollbackDialog } from './rollback-dialog.tsx'

/** What can be done with a release: stop it while it rolls out, go back to it afterwards. */
export function ReleaseActions({ app, release }: { app: AppView; release: ReleaseView }) {
  const trpc = useTRPC()
  const mayDeploy = useMay(app.ref.team, 'app.deploy')
  const [asking, setAsking] = useState(false)
  const cancel = useMutation(
    trpc.release.cancel.mutationOptions({ onError: (error) => toast.error(problemOf(error).message) }),
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
  // What never ran is nothing to go back to.
  if (release.number === app.currentRelease || release.liveAt === null) return null
  return (
    <>
      <Button size="sm" variant="ghost" aria-label={`Roll back to v${release.number}`} onClick={() => setAsking(true)}>
        <RotateCcw aria-hidden />
        Roll back
      </Button>
      <RollbackDialog app={app} release={release.number} open={asking} onOpenChange={setAsking} />
    </>
  )
}
