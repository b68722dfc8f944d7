'use client'

import type { AppRef } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Panel } from '#ui/panel.tsx'

/** The end of an app: asks for its name. */
export function DeleteApp({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const mayDelete = useMay(appRef.team, 'app.delete')
  const remove = useMutation(
    trpc.app.delete.mutationOptions({
      onSuccess() {
        queryClient.setQueryData(trpc.app.list.queryKey({}), (apps) =>
          apps?.filter(({ ref }) => paths.app(ref) !== paths.app(appRef)),
        )
        toast.success(`${appRef.app} is being deleted.`)
        router.push(paths.project(appRef))
      },
    }),
  )
  if (!mayDelete) return null
  return (
    <Panel
      tone="danger"
      title="Delete this app"
      about="Stops its instances and deletes its releases, builds, config and git repository for good."
      actions={
        <Button variant="dangerQuiet" onClick={() => setAsking(true)}>
          Delete app
        </Button>
      }
    >
      <p className="text-ink-2 text-sm">The same app in other environments is not affected.</p>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${appRef.app} in ${appRef.environment}?`}
        about="This cannot be undone."
        action="Delete app"
        typeToConfirm={appRef.app}
        danger
        pending={remove.isPending || remove.isSuccess}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...appRef, confirm: appRef.app })}
      />
    </Panel>
  )
}
