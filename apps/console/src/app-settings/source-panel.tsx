'use client'

import type { AppRef, WebhookView } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { useApp } from '#apps/use-app.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { HOSTS } from './connect-fields.tsx'
import { ConnectForm } from './connect-form.tsx'
import { WebhookDetails } from './webhook-details.tsx'
import { WhoCan } from './who-can.tsx'

function Disconnect({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const disconnect = useMutation(
    trpc.source.disconnect.mutationOptions({
      onSuccess() {
        queryClient.setQueryData(trpc.webhook.get.queryKey(appRef), null)
        toast.success('The repository is no longer connected.')
      },
    }),
  )
  return (
    <>
      <Button size="sm" variant="dangerQuiet" onClick={() => setAsking(true)}>
        Disconnect
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Disconnect the repository?"
        about="Its pushes no longer deploy this app, and the webhook’s address stops answering. Running instances are not affected."
        action="Disconnect"
        danger
        pending={disconnect.isPending}
        error={disconnect.error}
        onConfirm={() => disconnect.mutate(appRef)}
      />
    </>
  )
}

function Connected({ appRef, webhook }: { appRef: AppRef; webhook: WebhookView }) {
  const [editing, setEditing] = useState(false)
  const mayManage = useMay(appRef.team, 'webhook.manage')
  if (editing) {
    const { host, repositoryUrl, branch } = webhook
    const done = () => setEditing(false)
    return <ConnectForm appRef={appRef} initial={{ host, repositoryUrl, branch }} onDone={done} onCancel={done} />
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="min-w-0 flex-1 basis-60 break-all text-base">
          {webhook.repositoryUrl}
          <span className="block text-ink-3 text-xs">
            {HOSTS.find(({ value }) => value === webhook.host)?.label}, branch {webhook.branch}
          </span>
        </p>
        {mayManage && (
          <>
            <Button size="sm" onClick={() => setEditing(true)}>
              Change
            </Button>
            <Disconnect appRef={appRef} />
          </>
        )}
      </div>
      <WebhookDetails appRef={appRef} webhook={webhook} mayManage={mayManage} />
    </div>
  )
}

/** For who may not see the webhook: which repository it is, and who can change it. */
function ReadOnly({ appRef }: { appRef: AppRef }) {
  const source = useApp(appRef).data?.source
  return (
    <Panel title="Repository">
      <div className="flex flex-col gap-2">
        <p className="break-all text-base">
          {source ? `${source.repositoryUrl}, branch ${source.branch}` : 'No repository is connected.'}
        </p>
        <WhoCan team={appRef.team} permission="webhook.manage" what="change it" />
      </div>
    </Panel>
  )
}

/** The repository whose pushes deploy the app. */
export function SourcePanel({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const mayRead = useMay(appRef.team, 'webhook.read')
  const webhook = useQuery(trpc.webhook.get.queryOptions(appRef, { enabled: mayRead }))
  if (!mayRead) return <ReadOnly appRef={appRef} />
  return (
    <Panel
      title="Repository"
      about="Each push to its branch becomes one build and one release. You can also push to Slipway’s own git address."
    >
      {webhook.error && <ProblemNotice error={webhook.error} onRetry={() => void webhook.refetch()} />}
      {webhook.isPending && <SkeletonRows rows={2} label="Loading the repository" />}
      {webhook.data === null && (
        <ConnectForm appRef={appRef} onDone={() => toast.success('Connected. Now add the webhook at the git host.')} />
      )}
      {webhook.data && <Connected appRef={appRef} webhook={webhook.data} />}
    </Panel>
  )
}
