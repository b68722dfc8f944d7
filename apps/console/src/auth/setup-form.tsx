'use client'

import { type Capabilities, createFirstAccountInput } from '@slipway/domain'
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

/** Where the code is that the link carries. */
const WHERE_THE_CODE_IS: Record<Capabilities['cluster'], string> = {
  local: 'It is part of the link that Slipway printed when it started. Restart Slipway to see it again.',
  kubernetes: 'It is in the platform’s log: kubectl -n slipway-system logs deployment/slipway-platform | grep setup',
}

interface SetupFormProps {
  /** From the link; empty where somebody came without it. */
  code: string
  cluster: Capabilities['cluster']
}

/** Makes the first account of an installation and signs it in. */
export function SetupForm({ code, cluster }: SetupFormProps) {
  const trpc = useTRPC()
  const create = useMutation(trpc.setup.createFirstAccount.mutationOptions())
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [leaving, setLeaving] = useState(false)
  const submit = async (form: FormData) => {
    const input = {
      code: String(form.get('code') ?? code),
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
  const problem = create.error ? problemOf(create.error) : null
  const fromPlatform = problem?.fields ?? {}
  const codeIsWrong = problem?.code === 'forbidden'
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
      {create.error && !codeIsWrong && <ProblemNotice error={create.error} />}
      {(code === '' || codeIsWrong) && (
        <Field
          label="Setup code"
          hint={WHERE_THE_CODE_IS[cluster]}
          error={codeIsWrong ? problem.message : errorOf('code')}
        >
          <Input name="code" autoComplete="off" spellCheck={false} defaultValue={code} autoFocus />
        </Field>
      )}
      <Field label="Your name" error={errorOf('name')}>
        <Input name="name" autoComplete="name" autoFocus={code !== ''} />
      </Field>
      <Field label="E-mail address" error={errorOf('email')}>
        <Input name="email" type="email" autoComplete="username" />
      </Field>
      <Field label="Password" hint="At least 10 characters." error={errorOf('password')}>
        <PasswordInput name="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={leaving}>
        Create account
      </Button>
    </form>
  )
}
