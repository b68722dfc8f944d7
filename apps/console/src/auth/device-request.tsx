'use client'

import type { DeviceLoginView, TokenScope } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { asksPassword, ConfirmPassword } from '#account/confirm-password.tsx'
import { LIFETIMES, SCOPE_HINTS, SCOPES } from '#account/token-words.ts'
import { useTRPC } from '#api/trpc.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'
import { Time } from '#ui/time.tsx'

export type Decision = 'approved' | 'refused'

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-3 px-3 py-2">
      <dt className="w-20 shrink-0 text-ink-3">{name}</dt>
      <dd className="min-w-0 flex-1 break-words">{children}</dd>
    </div>
  )
}

/** What asks, from where, since when. */
function Asker({ code, computer, address, askedAt, expiresAt }: DeviceLoginView) {
  return (
    <>
      <p className="text-sm">Does your terminal show this code?</p>
      <p className="rounded-md border bg-sunken py-3 text-center font-mono text-xl tracking-widest">{code}</p>
      <dl className="divide-y rounded-md border text-sm">
        <Fact name="Computer">{computer}</Fact>
        <Fact name="Address">
          <span className="break-all font-mono text-xs">{address}</span>
        </Fact>
        <Fact name="Asked">
          <Time at={askedAt} />, expires <Time at={expiresAt} />
        </Fact>
      </dl>
    </>
  )
}

interface DeviceRequestProps {
  request: DeviceLoginView
  onDecided: (decision: Decision) => void
}

/** Shows what a command line asks for, and approves or refuses it. */
export function DeviceRequest({ request, onDecided }: DeviceRequestProps) {
  const trpc = useTRPC()
  const [scope, setScope] = useState<TokenScope>(request.scope)
  const [days, setDays] = useState(String(request.expiresInDays))
  const [password, setPassword] = useState('')
  const approve = useMutation(trpc.device.approve.mutationOptions({ onSuccess: () => onDecided('approved') }))
  const refuse = useMutation(trpc.device.refuse.mutationOptions({ onSuccess: () => onDecided('refused') }))
  const needsPassword = asksPassword(approve.error)
  const shown = { code: request.code, request: request.request }
  const asked = { value: String(request.expiresInDays), label: `${request.expiresInDays} days` }
  const lifetimes = LIFETIMES.some(({ value }) => value === asked.value) ? LIFETIMES : [asked, ...LIFETIMES]
  const submit = () =>
    approve.mutate({
      ...{ ...shown, scope, expiresInDays: Number(days) },
      password: needsPassword ? password : undefined,
    })
  const error = refuse.error ?? (needsPassword ? null : approve.error)
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Asker {...request} />
      <Notice tone={request.sameNetwork ? 'neutral' : 'warning'}>
        {request.sameNetwork ? '' : 'It asks from another address than this browser. '}
        Only approve a sign-in that you started yourself: it acts in your name.
      </Notice>
      <div className="flex gap-2">
        <Field label="Access" className="flex-1">
          <Select value={scope} onValueChange={setScope} options={SCOPES} />
        </Field>
        <Field label="Expires after" className="w-32">
          <Select value={days} onValueChange={setDays} options={lifetimes} />
        </Field>
      </div>
      <p className="text-ink-3 text-xs">{SCOPE_HINTS[scope]}</p>
      {needsPassword && <ConfirmPassword error={approve.error} value={password} onChange={setPassword} />}
      {error && <ProblemNotice error={error} />}
      <div className="flex gap-2">
        <Button
          type="submit"
          variant="primary"
          size="lg"
          className="flex-1"
          disabled={refuse.isPending || (needsPassword && password === '')}
          pending={approve.isPending}
        >
          {needsPassword ? 'Confirm and approve' : 'Approve'}
        </Button>
        <Button
          variant="dangerQuiet"
          size="lg"
          disabled={approve.isPending}
          pending={refuse.isPending}
          onClick={() => refuse.mutate(shown)}
        >
          Refuse
        </Button>
      </div>
    </form>
  )
}
