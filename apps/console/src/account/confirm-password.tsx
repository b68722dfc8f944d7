'use client'

import { problemOf } from '#api/errors.ts'
import { PasswordInput } from '#auth/password-input.tsx'
import { Field } from '#ui/field.tsx'

/** True when a call was refused because the password has to be given once more. */
export function asksPassword(error: unknown): boolean {
  return Boolean(error) && problemOf(error).details.password !== undefined
}

interface ConfirmPasswordProps {
  /** What the call was refused with. */
  error: unknown
  value: string
  onChange: (password: string) => void
}

/** Asks for the password that a call was refused for want of. */
export function ConfirmPassword({ error, value, onChange }: ConfirmPasswordProps) {
  const problem = problemOf(error)
  return (
    <Field
      label="Your password"
      hint="A token outlives this session, so Slipway asks for it again."
      error={problem.details.password === 'wrong' ? problem.message : undefined}
      className="max-w-sm"
    >
      <PasswordInput
        autoFocus
        autoComplete="current-password"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}
