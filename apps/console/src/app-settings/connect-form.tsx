'use client'

import { type AppRef, connectSourceInput, type GitHost } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'

export const HOSTS: { value: GitHost; label: string }[] = [
  { value: 'github', label: 'GitHub' },
  { value: 'gitlab', label: 'GitLab' },
  { value: 'gitea', label: 'Gitea or Forgejo' },
]

interface Draft {
  host: GitHost
  repositoryUrl: string
  branch: string
  accessToken: string
}

interface ConnectFormProps {
  appRef: AppRef
  initial?: Partial<Draft>
  onDone: () => void
  onCancel?: () => void
}

/** Connects the repository whose pushes deploy the app, or changes which one it is. */
export function ConnectForm({ appRef, initial, onDone, onCancel }: ConnectFormProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState<Draft>({
    host: 'github',
    repositoryUrl: '',
    branch: 'main',
    accessToken: '',
    ...initial,
  })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const connect = useMutation(
    trpc.source.connect.mutationOptions({
      onSuccess(webhook) {
        queryClient.setQueryData(trpc.webhook.get.queryKey(appRef), webhook)
        onDone()
      },
    }),
  )
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }))
  const submit = () => {
    const input = { ...appRef, ...draft, accessToken: draft.accessToken || undefined }
    const wrong = fieldErrors(connectSourceInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) connect.mutate(input)
  }
  const errorOf = (field: string) =>
    errors[field] ?? (connect.error ? problemOf(connect.error).fields[field] : undefined)
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div className="grid gap-4 sm:grid-cols-[12rem_minmax(0,1fr)_10rem]">
        <Field label="Git host">
          <Select value={draft.host} onValueChange={(host) => change({ host })} options={HOSTS} />
        </Field>
        <Field label="Repository" hint="The http(s) address that git clones from." error={errorOf('repositoryUrl')}>
          <Input
            mono
            placeholder="https://github.com/acme/shop.git"
            value={draft.repositoryUrl}
            onChange={(event) => change({ repositoryUrl: event.target.value.trim() })}
          />
        </Field>
        <Field label="Branch" error={errorOf('branch')}>
          <Input mono value={draft.branch} onChange={(event) => change({ branch: event.target.value.trim() })} />
        </Field>
      </div>
      <Field
        label="Access token"
        hint="Only for private repositories: one that may read this repository. Kept encrypted, never shown again."
        error={errorOf('accessToken')}
      >
        <Input
          mono
          type="password"
          autoComplete="off"
          value={draft.accessToken}
          onChange={(event) => change({ accessToken: event.target.value })}
        />
      </Field>
      {connect.error && <ProblemNotice error={connect.error} />}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={connect.isPending}>
          Connect repository
        </Button>
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  )
}
