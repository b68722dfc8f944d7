'use client'

import { type AppRef, connectSourceInput } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { type ConnectDraft, ConnectFields, NO_REPOSITORY } from './connect-fields.tsx'

interface ConnectFormProps {
  appRef: AppRef
  initial?: Partial<ConnectDraft>
  onDone: () => void
  onCancel?: () => void
  cancel?: string
}

/** Connects the repository whose pushes deploy the app, or changes which one it is. */
export function ConnectForm({ appRef, initial, onDone, onCancel, cancel = 'Cancel' }: ConnectFormProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState<ConnectDraft>({ ...NO_REPOSITORY, ...initial })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const connect = useMutation(
    trpc.source.connect.mutationOptions({
      onSuccess(webhook) {
        queryClient.setQueryData(trpc.webhook.get.queryKey(appRef), webhook)
        onDone()
      },
    }),
  )
  const submit = () => {
    const input = { ...appRef, ...draft, accessToken: draft.accessToken || undefined }
    const wrong = fieldErrors(connectSourceInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) connect.mutate(input)
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <ConnectFields
        draft={draft}
        onChange={(part) => setDraft((last) => ({ ...last, ...part }))}
        errorOf={(field) => errors[field] ?? (connect.error ? problemOf(connect.error).fields[field] : undefined)}
      />
      {connect.error && <ProblemNotice error={connect.error} />}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={connect.isPending}>
          Connect repository
        </Button>
        {onCancel && <Button onClick={onCancel}>{cancel}</Button>}
      </div>
    </form>
  )
}
