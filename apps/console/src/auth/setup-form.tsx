'use client'

import { createFirstAccountInput } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { PasswordInput } from './password-input.tsx'
import { signInWithPassword } from './sign-in.ts'

/** Makes the first account of an installation and signs it in. */
export function SetupForm() {
  const trpc = useTRPC()
  const create = useMutation(trpc.setup.createFirstAccount.mutationOptions())
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [leaving, setLeaving] = useState(false)
  const submit = async (form: FormData) => {
    const input = {
      name: String(form.get('name')),
      email: String(form.get('email')),
      password: String(form.get('password')),
    }
    const wrong = fieldErrors(createFirstAccountInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    setLeaving(true)
    const made = await create.mutateAsync(input).catch(() => null)
    if (!made) return setLeaving(false)
    const problem = await signInWithPassword(input.email, input.password)
    location.assign(problem === null ? '/welcome' : '/login')
  }
  const fromPlatform = create.error ? problemOf(create.error).fields : {}
  const errorOf = (field: string) => errors[field] ?? fromPlatform[field]
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      {create.error && <ProblemNotice error={create.error} />}
      <Field label="Your name" error={errorOf('name')}>
        <Input name="name" autoComplete="name" autoFocus />
      </Field>
      <Field label="E-mail address" error={errorOf('email')}>
        <Input name="email" type="email" autoComplete="username" />
      </Field>
      <Field label="Password" hint="At least 10 characters. Nothing else is asked of it." error={errorOf('password')}>
        <PasswordInput name="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={leaving}>
        Create account
      </Button>
    </form>
  )
}
