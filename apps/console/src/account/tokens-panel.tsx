'use client'

import { createTokenInput, type TokenView } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'No end' },
] as const
type Lifetime = (typeof LIFETIMES)[number]['value']

function NewToken() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const [lifetime, setLifetime] = useState<Lifetime>('90')
  const [wrong, setWrong] = useState<string | undefined>()
  const create = useMutation(
    trpc.token.create.mutationOptions({
      onSuccess() {
        setName('')
        return queryClient.invalidateQueries({ queryKey: trpc.token.list.queryKey() })
      },
    }),
  )
  const submit = () => {
    const input = { name, expiresInDays: lifetime === 'never' ? null : Number(lifetime) }
    const problem = fieldErrors(createTokenInput, input).name
    setWrong(problem)
    if (!problem) create.mutate(input)
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
      <div className="flex flex-wrap items-end gap-2">
        <Field label="Name" error={wrong} className="flex-1 basis-52">
          <Input
            placeholder="my laptop"
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Field label="Good for" className="w-32">
          <Select value={lifetime} onValueChange={setLifetime} options={LIFETIMES} />
        </Field>
        <Button type="submit" variant="primary" disabled={name.trim() === ''} pending={create.isPending}>
          Make token
        </Button>
      </div>
      {create.error && <ProblemNotice error={create.error} />}
      {create.data && (
        <Notice tone="warning" live title={`The token “${create.data.name}”, shown only now`}>
          <CodeBlock code={create.data.secret} what="token" className="mt-2" />
        </Notice>
      )}
    </form>
  )
}

function TokenRow({ token }: { token: TokenView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const revoke = useMutation(
    trpc.token.revoke.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.token.list.queryKey() }),
    }),
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-52">
        <p className="truncate text-base">
          {token.name} <span className="font-mono text-ink-3 text-xs">{token.hint}…</span>
        </p>
        <p className="text-ink-3 text-xs">
          made <Time at={token.createdAt} />,{' '}
          {token.lastUsedAt ? (
            <>
              last used <Time at={token.lastUsedAt} />
            </>
          ) : (
            'never used'
          )}
          ,{' '}
          {token.expiresAt ? (
            <>
              ends <Time at={token.expiresAt} />
            </>
          ) : (
            'no end'
          )}
        </p>
      </div>
      <Button size="sm" variant="dangerQuiet" aria-label={`Revoke ${token.name}`} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke ${token.name}?`}
        about="Whatever uses it is refused from then on: git pushes, the command line, CI."
        action="Revoke token"
        danger
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate({ token: token.id })}
      />
    </li>
  )
}

/** API tokens: for git, the command line and CI. */
export function TokensPanel() {
  const trpc = useTRPC()
  const { data: tokens, error, refetch } = useQuery(trpc.token.list.queryOptions())
  return (
    <Panel
      title="API tokens"
      about="The password of git pushes, and what the command line and CI sign in with. A token may do what you may."
      flush
    >
      <NewToken />
      {error && !tokens && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!tokens && !error && <SkeletonRows label="Loading tokens" rows={2} />}
      {tokens && tokens.length > 0 && (
        <ul aria-label="Tokens" className="divide-y border-t">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
