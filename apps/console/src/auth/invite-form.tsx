'use client'

import { acceptInvitationInput, type InvitationOffer } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { PasswordInput } from './password-input.tsx'
import { signInWithPassword } from './sign-in.ts'

interface InviteFormProps {
  token: string
  offer: InvitationOffer
  /** E-mail address of who is signed in here now, null when nobody is. */
  signedInAs: string | null
}

/** Takes up an invitation: with a new account, or with the one that is signed in. */
export function InviteForm({ token, offer, signedInAs }: InviteFormProps) {
  const trpc = useTRPC()
  const accept = useMutation(trpc.invitation.accept.mutationOptions())
  const [errors, setErrors] = useState<Record<string, string>>({})
  const isNew = !offer.hasAccount
  const submit = async (form: FormData) => {
    const password = String(form.get('password') ?? '')
    const input = isNew ? { token, name: String(form.get('name')), password } : { token }
    const wrong = fieldErrors(isNew ? acceptInvitationInput.required() : acceptInvitationInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    const accepted = await accept.mutateAsync(input).catch(() => null)
    if (!accepted) return
    if (isNew) await signInWithPassword(offer.email, password)
    location.assign(paths.team({ team: accepted.team }))
  }
  if (offer.hasAccount && signedInAs !== offer.email) {
    const login = `/login?${new URLSearchParams({ next: `/invite/${token}`, ended: '' })}`
    return (
      <Notice
        title={`Sign in as ${offer.email} to join`}
        action={
          <Button asChild size="sm" variant="primary">
            <Link href={login}>Sign in</Link>
          </Button>
        }
      >
        {signedInAs ? `You are signed in as ${signedInAs}. Sign out first.` : 'This address already has an account.'}
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      {accept.error && <ProblemNotice error={accept.error} />}
      {isNew && (
        <>
          {signedInAs && (
            <Notice>
              You are signed in as {signedInAs}. Joining creates an account for {offer.email} and signs you in to it.
            </Notice>
          )}
          <Field label="E-mail address">
            <Input value={offer.email} readOnly autoComplete="username" />
          </Field>
          <Field label="Your name" error={errors.name}>
            <Input name="name" autoComplete="name" autoFocus />
          </Field>
          <Field label="Password" hint="At least 10 characters." error={errors.password}>
            <PasswordInput name="password" autoComplete="new-password" />
          </Field>
        </>
      )}
      <Button type="submit" variant="primary" size="lg" pending={accept.isPending || accept.isSuccess}>
        Join {offer.teamName}
      </Button>
    </form>
  )
}
