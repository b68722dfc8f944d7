'use client'

import { type AppRef, addDomainInput, type DomainView, isRouted } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ExternalLink, Globe, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useApp } from '#apps/use-app.ts'
import { fieldErrors } from '#lib/form.ts'
import { useMay } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { CertificateLine } from './certificate-line.tsx'
import { DomainProofPanel } from './domain-proof-panel.tsx'

/** With scheme and port where requests are answered. */
function DomainName({ domain, answers }: { domain: DomainView; answers: boolean }) {
  if (!answers) return <span className="min-w-0 break-all text-base text-ink-2">{domain.hostname}</span>
  return (
    <a
      href={domain.url}
      target="_blank"
      rel="noreferrer"
      className="wrap-anywhere min-w-0 text-accent text-base hover:underline"
    >
      {domain.url}
      <ExternalLink aria-hidden className="ml-1 inline size-3" />
    </a>
  )
}

/** In a word: generated, active, waiting for a proof, or refused. */
function DomainState({ domain }: { domain: DomainView }) {
  if (domain.proof !== null) return <Badge tone="warning">Not verified</Badge>
  if (domain.refusal !== null) return <Badge tone="degraded">Refused</Badge>
  return domain.generated ? <Badge>Generated</Badge> : <Badge tone="healthy">Active</Badge>
}

function DomainRow({ appRef, domain, answers }: { appRef: AppRef; domain: DomainView; answers: boolean }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const mayChange = useMay(appRef.team, 'app.deploy')
  const remove = useMutation(
    trpc.domain.remove.mutationOptions({
      onSuccess(app) {
        queryClient.setQueryData(trpc.app.get.queryKey(appRef), app)
        toast.success(
          domain.proof === null
            ? `${domain.hostname} no longer routes to ${appRef.app}.`
            : `${domain.hostname} removed.`,
        )
      },
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
      <DomainName domain={domain} answers={answers && domain.proof === null && domain.refusal === null} />
      <DomainState domain={domain} />
      <span className="ml-auto flex gap-1">
        <CopyButton text={domain.url} what={`address of ${domain.hostname}`} />
        {!domain.generated && mayChange && (
          <Button
            variant="ghost"
            size="iconSm"
            aria-label={`Remove ${domain.hostname}`}
            onClick={() => setAsking(true)}
          >
            <Trash2 aria-hidden />
          </Button>
        )}
      </span>
      {domain.certificate && domain.proof === null && <CertificateLine certificate={domain.certificate} />}
      {domain.refusal !== null && (
        <p className="min-w-0 basis-full break-words text-degraded text-xs">Kubernetes refuses it: {domain.refusal}</p>
      )}
      {domain.proof && (
        <DomainProofPanel appRef={appRef} hostname={domain.hostname} proof={domain.proof} mayCheck={mayChange} />
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${domain.hostname}?`}
        about="Requests to this host will no longer reach the app. It can be added again at any time."
        action="Remove domain"
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...appRef, hostname: domain.hostname })}
      />
    </li>
  )
}

function AddDomain({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [hostname, setHostname] = useState('')
  const [wrong, setWrong] = useState<string | undefined>()
  const add = useMutation(
    trpc.domain.add.mutationOptions({
      onSuccess(app) {
        queryClient.setQueryData(trpc.app.get.queryKey(appRef), app)
        setHostname('')
      },
    }),
  )
  const submit = () => {
    const problem = fieldErrors(addDomainInput, { ...appRef, hostname }).hostname
    setWrong(problem)
    if (!problem) add.mutate({ ...appRef, hostname })
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-3 border-t px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="flex flex-wrap items-start gap-2">
        <Field label="Host name" hideLabel error={wrong} className="flex-1 basis-60">
          <Input
            mono
            placeholder="shop.example.com"
            value={hostname}
            onChange={(event) => setHostname(event.target.value.trim().toLowerCase())}
          />
        </Field>
        <Button type="submit" disabled={hostname === ''} pending={add.isPending}>
          Add domain
        </Button>
      </div>
      {add.error && <ProblemNotice error={add.error} />}
      <p className="text-ink-3 text-xs">Then point its DNS record (CNAME or A) at Slipway’s ingress.</p>
    </form>
  )
}

/** The host names that lead to the app's web process. */
export function NetworkingPage({ appRef }: { appRef: AppRef }) {
  const { data: app, error, refetch } = useApp(appRef)
  const mayChange = useMay(appRef.team, 'app.deploy')
  if (!app && error) return <ProblemNotice error={error} onRetry={() => void refetch()} />
  const noIngress = app?.notConfigured.find((sentence) => /ingress/i.test(sentence))
  const noWeb = app && app.processes.length > 0 && !app.processes.some(isRouted)
  return (
    <Panel title="Domains" about="Host names that route to the web process." flush>
      {noIngress && (
        <Notice tone="warning" className="m-4">
          {noIngress}
        </Notice>
      )}
      {noWeb && <Notice className="m-4">This app has no web process, so nothing answers at these names.</Notice>}
      {!app && <SkeletonRows label="Loading domains" rows={2} />}
      {app && app.domains.length === 0 && (
        <EmptyState icon={Globe} title="No domains yet" className="py-8">
          {mayChange
            ? 'Add a host name of your own to route its requests to the web process.'
            : 'Custom host names appear here.'}
        </EmptyState>
      )}
      {app && app.domains.length > 0 && (
        <ul className="divide-y">
          {app.domains.map((domain) => (
            <DomainRow key={domain.hostname} appRef={appRef} domain={domain} answers={!noWeb} />
          ))}
        </ul>
      )}
      {app && mayChange && <AddDomain appRef={appRef} />}
      {app && !mayChange && (
        <div className="border-t px-4 py-2.5">
          <WhoCan team={appRef.team} permission="app.deploy" what="add and remove domains" />
        </div>
      )}
    </Panel>
  )
}
