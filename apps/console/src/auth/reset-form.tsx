'use client'

import { resetPasswordInput } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Checkbox } from '#ui/checkbox.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { PasswordInput } from './password-input.tsx'
import { signInWithPassword } from './sign-in.ts'

/** Sets a new password with the secret of a link, and signs in with it. */
export function ResetForm({ token, email }: { token: string; email: string }) {
  const trpc = useTRPC()
  const use = useMutation(trpc.reset.use.mutationOptions())
  const [error, setError] = useState<string | undefined>()
  const submit = async (form: FormData) => {
    const password = String(form.get('password') ?? '')
    const input = { token, password, revokeTokens: form.get('revokeTokens') !== null }
    const wrong = fieldErrors(resetPasswordInput, input).password
    setError(wrong)
    if (wrong || !(await use.mutateAsync(input).catch(() => null))) return
    const problem = await signInWithPassword(email, password)
    location.assign(problem === null ? '/' : '/login')
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
      {use.error && <ProblemNotice error={use.error} />}
      <Field label="E-mail address">
        <Input value={email} readOnly autoComplete="username" />
      </Field>
      <Field label="New password" hint="At least 10 characters." error={error}>
        <PasswordInput name="password" autoComplete="new-password" autoFocus />
      </Field>
      <Checkbox
        name="revokeTokens"
        label="Also revoke all API tokens"
        hint="Do this if someone else may have used your account."
      />
      <Button type="submit" variant="primary" size="lg" pending={use.isPending || use.isSuccess}>
        Set password and sign in
      </Button>
    </form>
  )
}
