'use client'

import { requestResetInput } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

/** Has a link to set a new password mailed. */
export function ForgotForm() {
  const trpc = useTRPC()
  const request = useMutation(trpc.reset.request.mutationOptions())
  const [error, setError] = useState<string | undefined>()
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        const input = { email: String(new FormData(event.currentTarget).get('email') ?? '') }
        const wrong = fieldErrors(requestResetInput, input).email
        setError(wrong)
        if (!wrong) request.mutate(input)
      }}
    >
      {request.error && <ProblemNotice error={request.error} />}
      {request.isSuccess && (
        <Notice live>
          If {request.variables.email} has an account, a link is on its way. It works for an hour. No mail? Look among
          spam, or ask an operator of this installation.
        </Notice>
      )}
      <Field label="E-mail address" error={error}>
        <Input name="email" type="email" autoComplete="username" autoFocus />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={request.isPending}>
        {request.isSuccess ? 'Send it again' : 'Send a link'}
      </Button>
    </form>
  )
}
