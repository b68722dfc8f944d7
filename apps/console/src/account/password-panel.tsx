'use client'

import { changePasswordInput } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { PasswordInput } from '#auth/password-input.tsx'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Checkbox } from '#ui/checkbox.tsx'
import { Field } from '#ui/field.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

const EMPTY = { current: '', next: '', revokeTokens: false }

/** Changes the password. Every other session ends and, where asked for, every API token. */
export function PasswordPanel() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [values, setValues] = useState(EMPTY)
  const [errors, setErrors] = useState<Record<string, string>>({})
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      onSuccess() {
        setValues(EMPTY)
        toast.success('Your password has been changed. Your other sessions have ended.')
        return queryClient.invalidateQueries()
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
    <Panel id="password" title="Password" about="Changing it ends all your other sessions.">
      <form
        noValidate
        className="flex max-w-md flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Field label="Current password" error={errors.current}>
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
        <Checkbox
          label="Also revoke all API tokens"
          hint="Signs out every command line, git client and CI job that uses one. Do this if someone may know your password."
          checked={values.revokeTokens}
          onChange={(event) => set({ revokeTokens: event.target.checked })}
        />
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
