'use client'

import { changePasswordInput } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { PasswordInput } from '#auth/password-input.tsx'
import { signInWithPassword } from '#auth/sign-in.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

/** Changes the password. Every other session ends; this one is signed in again. */
export function PasswordPanel() {
  const trpc = useTRPC()
  const [values, setValues] = useState({ current: '', next: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      async onSuccess(account) {
        const problem = await signInWithPassword(account.email, values.next)
        if (problem !== null) return location.assign('/login?ended=1')
        setValues({ current: '', next: '' })
        toast.success('Your password has been changed. Your other sessions have ended.')
      },
    }),
  )
  const submit = () => {
    const wrong = fieldErrors(changePasswordInput, values)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) change.mutate(values)
  }
  const set = (part: Partial<typeof values>) => setValues((last) => ({ ...last, ...part }))
  return (
    <Panel title="Password" about="Changing it ends every other session of yours.">
      <form
        noValidate
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Field label="Present password" error={errors.current}>
          <PasswordInput
            autoComplete="current-password"
            value={values.current}
            onChange={(event) => set({ current: event.target.value })}
          />
        </Field>
        <Field label="New password" hint="At least 10 characters." error={errors.next}>
          <PasswordInput
            autoComplete="new-password"
            value={values.next}
            onChange={(event) => set({ next: event.target.value })}
          />
        </Field>
        {change.error && <ProblemNotice error={change.error} />}
        <div>
          <Button type="submit" variant="primary" disabled={!values.current || !values.next} pending={change.isPending}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  )
}
