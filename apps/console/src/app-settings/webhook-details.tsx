'use client'

import type { AppRef, GitHost, WebhookView } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { CopyButton } from '#ui/copy-button.tsx'

const WHERE: Record<GitHost, string> = {
  github: 'In the repository: Settings → Webhooks → Add webhook. Content type application/json, only the push event.',
  gitlab:
    'In the project: Settings → Webhooks → Add new webhook. Put the secret into “Secret token”, trigger on push events.',
  gitea: 'In the repository: Settings → Webhooks → Add webhook → Gitea. Content type application/json, push events.',
}

function Line({ label, value, secret }: { label: string; value: string; secret?: boolean }) {
  const [shown, setShown] = useState(!secret)
  return (
    <div className="flex min-w-0 items-center gap-2">
      <span className="w-16 shrink-0 text-ink-3 text-xs">{label}</span>
      <code className="min-w-0 flex-1 break-all rounded-md border bg-sunken px-2 py-1 font-mono text-xs">
        {shown ? value : '•'.repeat(24)}
      </code>
      {secret && (
        <Button
          variant="ghost"
          size="iconSm"
          aria-label={shown ? 'Hide the secret' : 'Reveal the secret'}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
      )}
      <CopyButton text={value} what={`webhook ${label.toLowerCase()}`} />
    </div>
  )
}

/** What the git host has to be told: address and secret, and where. */
export function WebhookDetails({
  appRef,
  webhook,
  mayManage,
}: {
  appRef: AppRef
  webhook: WebhookView
  mayManage: boolean
}) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const rotate = useMutation(
    trpc.webhook.rotateSecret.mutationOptions({
      onSuccess(next) {
        queryClient.setQueryData(trpc.webhook.get.queryKey(appRef), next)
        setAsking(false)
        toast.success('The webhook has a new secret. Enter it at the git host now.')
      },
    }),
  )
  return (
    <div className="flex flex-col gap-2">
      <p className="text-ink-2 text-sm">{WHERE[webhook.host]}</p>
      <Line label="Address" value={webhook.url} />
      <Line label="Secret" value={webhook.secret} secret />
      {mayManage && (
        <div>
          <Button size="sm" onClick={() => setAsking(true)}>
            New secret
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Create a new secret?"
        about="Deliveries signed with the current one are rejected until you enter the new one at the git host."
        action="Create new secret"
        pending={rotate.isPending}
        error={rotate.error}
        onConfirm={() => rotate.mutate(appRef)}
      />
    </div>
  )
}
