'use client'

import { createInvitationInput, type InvitationView, type Role, type TeamRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { useMay, useRole } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Time } from '#ui/time.tsx'
import { RoleSelect } from './role-select.tsx'

function InviteForm({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const actor = useRole(teamRef.team) ?? 'viewer'
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('developer')
  const [wrong, setWrong] = useState<string | undefined>()
  const create = useMutation(
    trpc.invitation.create.mutationOptions({
      onSuccess() {
        setEmail('')
        return queryClient.invalidateQueries({ queryKey: trpc.invitation.list.queryKey(teamRef) })
      },
    }),
  )
  const submit = () => {
    const problem = fieldErrors(createInvitationInput, { ...teamRef, email, role }).email
    setWrong(problem)
    if (!problem) create.mutate({ ...teamRef, email, role })
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-3 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <Field label="E-mail address" error={wrong} className="flex-1 basis-60">
          <Input
            type="email"
            placeholder="ada@example.com"
            value={email}
            onChange={(event) => setEmail(event.target.value.trim())}
          />
        </Field>
        <Field label="Role" className="w-36">
          <RoleSelect actor={actor} value={role} onValueChange={setRole} />
        </Field>
        <Button type="submit" variant="primary" disabled={email === ''} pending={create.isPending}>
          Create invitation
        </Button>
      </div>
      {create.error && <ProblemNotice error={create.error} />}
      {create.data && (
        <Notice tone="warning" live title={`Send this link to ${create.data.email}. It is shown only now.`}>
          <p className="mb-2">It works once, within 7 days, and gives the role {create.data.role}.</p>
          <CodeBlock code={`${location.origin}${create.data.path}`} what="link" />
        </Notice>
      )}
    </form>
  )
}

function InvitationRow({ teamRef, invitation }: { teamRef: TeamRef; invitation: InvitationView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const revoke = useMutation(
    trpc.invitation.revoke.mutationOptions({
      onError: (error) => toast.error(problemOf(error).message),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.invitation.list.queryKey(teamRef) }),
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate text-base">{invitation.email}</p>
        <p className="text-ink-3 text-xs">
          {invitation.role}, invited by {invitation.invitedBy}; ends <Time at={invitation.expiresAt} />
        </p>
      </div>
      <Button
        size="sm"
        variant="dangerQuiet"
        aria-label={`Withdraw the invitation for ${invitation.email}`}
        pending={revoke.isPending}
        onClick={() => revoke.mutate({ ...teamRef, email: invitation.email })}
      >
        Withdraw
      </Button>
    </li>
  )
}

/** Invitations that are open, and a form for one more. Only for those who may manage members. */
export function Invitations({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const mayManage = useMay(teamRef.team, 'member.manage')
  const {
    data: invitations,
    error,
    refetch,
  } = useQuery(trpc.invitation.list.queryOptions(teamRef, { enabled: mayManage }))
  if (!mayManage) return null
  return (
    <Panel title="Invite" about="Slipway does not send e-mail: you get a link to send yourself." flush>
      <InviteForm teamRef={teamRef} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {invitations && invitations.length > 0 && (
        <ul aria-label="Open invitations" className="divide-y border-t">
          {invitations.map((invitation) => (
            <InvitationRow key={invitation.email} teamRef={teamRef} invitation={invitation} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
