'use client'

import Link from 'next/link'
import { useState } from 'react'
import { safeNext } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { PasswordInput } from './password-input.tsx'
import { signInWithPassword } from './sign-in.ts'

/** E-mail address and password; leads to `next` afterwards. */
export function LoginForm({ next, ended }: { next?: string; ended: boolean }) {
  const [error, setError] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const submit = async (form: FormData) => {
    setPending(true)
    setError(null)
    const problem = await signInWithPassword(String(form.get('email')), String(form.get('password')))
    // A whole new page: nothing that was cached for someone else may stay.
    if (problem === null) return location.assign(safeNext(next))
    setError(problem)
    setPending(false)
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      {ended && !error && <Notice>Your session has ended. Sign in to continue where you were.</Notice>}
      {error && (
        <Notice tone="degraded" live>
          {error}
        </Notice>
      )}
      <Field label="E-mail address">
        <Input name="email" type="email" autoComplete="username" required autoFocus />
      </Field>
      <Field label="Password">
        <PasswordInput name="password" autoComplete="current-password" required maxLength={200} />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Sign in
      </Button>
      <Link href="/forgot" className="self-start text-ink-2 text-sm hover:underline">
        Forgot your password?
      </Link>
    </form>
  )
}
