'use client'

import { createTokenInput, type TokenScope } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'
import { asksPassword, ConfirmPassword } from './confirm-password.tsx'
import { LIFETIMES, SCOPE_HINTS, SCOPES } from './token-words.ts'

const NEVER = 'never'
const CHOICES = [...LIFETIMES, { value: NEVER, label: 'No expiry' }]

const EMPTY: { name: string; scope: TokenScope; lifetime: string; password: string } = {
  name: '',
  scope: 'deploy',
  lifetime: '90',
  password: '',
}

/** Creates an API token. The platform asks for the password where it was not given in the last minutes. */
export function NewToken() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState(EMPTY)
  const [wrong, setWrong] = useState<string | undefined>()
  const set = (part: Partial<typeof draft>) => setDraft((last) => ({ ...last, ...part }))
  const create = useMutation(
    trpc.token.create.mutationOptions({
      onSuccess() {
        setDraft(EMPTY)
        return Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.token.list.queryKey() }),
          queryClient.invalidateQueries({ queryKey: trpc.account.events.infiniteQueryKey() }),
        ])
      },
    }),
  )
  const needsPassword = asksPassword(create.error)
  const submit = () => {
    const { name, scope, lifetime, password } = draft
    const input = { name, scope, expiresInDays: lifetime === NEVER ? null : Number(lifetime) }
    const problemOfName = fieldErrors(createTokenInput, input).name
    setWrong(problemOfName)
    if (!problemOfName) create.mutate({ ...input, password: needsPassword ? password : undefined })
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
      <div className="flex flex-wrap items-start gap-x-2 gap-y-3">
        <Field label="Name" error={wrong} className="min-w-40 flex-1 basis-52">
          <Input
            placeholder="my laptop"
            maxLength={80}
            value={draft.name}
            onChange={(e) => set({ name: e.target.value })}
          />
        </Field>
        <Field label="Scope" className="w-36">
          <Select value={draft.scope} onValueChange={(scope) => set({ scope })} options={SCOPES} />
        </Field>
        <Field label="Expires after" className="w-32">
          <Select value={draft.lifetime} onValueChange={(lifetime) => set({ lifetime })} options={CHOICES} />
        </Field>
      </div>
      <p className="text-ink-3 text-xs">
        {SCOPE_HINTS[draft.scope]}
        {draft.lifetime === NEVER && ' It works until you revoke it; an expiry is safer.'}
      </p>
      {needsPassword && (
        <ConfirmPassword error={create.error} value={draft.password} onChange={(password) => set({ password })} />
      )}
      {create.error && !needsPassword && <ProblemNotice error={create.error} />}
      <div>
        <Button
          type="submit"
          variant="primary"
          disabled={draft.name.trim() === '' || (needsPassword && draft.password === '')}
          pending={create.isPending}
        >
          {needsPassword ? 'Confirm and create token' : 'Create token'}
        </Button>
      </div>
      {create.data && (
        <Notice tone="warning" live title={`The token “${create.data.name}”, shown only now`}>
          <CodeBlock code={create.data.secret} what="token" className="mt-2" />
        </Notice>
      )}
    </form>
  )
}
