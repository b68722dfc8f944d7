'use client'

import type { AdminAccountView } from '@slipway/domain'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { useAccount } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'
import { SearchField, useSearch } from './search-field.tsx'

function useAccountChanges(onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const done = async () => {
    await queryClient.invalidateQueries({ queryKey: trpc.admin.pathKey() })
    void queryClient.invalidateQueries({ queryKey: trpc.account.get.queryKey() })
    onDone()
  }
  const setActive = useMutation(trpc.admin.setActive.mutationOptions({ onSuccess: done }))
  const setOperator = useMutation(trpc.admin.setOperator.mutationOptions({ onSuccess: done }))
  return { setActive, setOperator }
}

type Question = 'deactivate' | 'appoint' | 'dismiss'

const QUESTIONS: Record<Question, (email: string) => { title: string; about: string; action: string }> = {
  deactivate: (email) => ({
    title: `Deactivate ${email}?`,
    about:
      'It is signed out everywhere, its API tokens stop working and nobody can sign in to it. Its teams and everything it created stay. You can reactivate it.',
    action: 'Deactivate',
  }),
  appoint: (email) => ({
    title: `Make ${email} an operator?`,
    about:
      'It can see these pages, set quotas, deactivate accounts and appoint operators. It gets no access to teams it is not a member of.',
    action: 'Make operator',
  }),
  dismiss: (email) => ({
    title: `Remove operator rights from ${email}?`,
    about: 'Its teams and roles stay as they are.',
    action: 'Remove rights',
  }),
}

function AccountActions({ account }: { account: AdminAccountView }) {
  const [asked, setAsked] = useState<Question | null>(null)
  const { setActive, setOperator } = useAccountChanges(() => setAsked(null))
  const { email, operator, deactivatedAt } = account
  const ask = (question: Question) => {
    setActive.reset()
    setOperator.reset()
    setAsked(question)
  }
  const confirm = () => {
    if (asked === 'deactivate') setActive.mutate({ email, active: false })
    else setOperator.mutate({ email, operator: asked === 'appoint' })
  }
  const reactivate = () =>
    setActive.mutate({ email, active: true }, { onError: (error) => toast.error(problemOf(error).message) })
  if (deactivatedAt) {
    return (
      <Button size="sm" aria-label={`Reactivate ${email}`} pending={setActive.isPending} onClick={reactivate}>
        Reactivate
      </Button>
    )
  }
  const words = asked && QUESTIONS[asked](email)
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        aria-label={operator ? `Remove operator rights from ${email}` : `Make operator: ${email}`}
        onClick={() => ask(operator ? 'dismiss' : 'appoint')}
      >
        {operator ? 'Remove operator rights' : 'Make operator'}
      </Button>
      <Button size="sm" aria-label={`Deactivate ${email}`} onClick={() => ask('deactivate')}>
        Deactivate
      </Button>
      {words && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsked(null)}
          {...words}
          danger={asked !== 'appoint'}
          pending={setActive.isPending || setOperator.isPending}
          error={setActive.error ?? setOperator.error}
          onConfirm={confirm}
        />
      )}
    </>
  )
}

function AccountItem({ account, own }: { account: AdminAccountView; own: boolean }) {
  const { email, name, operator, createdAt, deactivatedAt, teams } = account
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex min-w-0 flex-wrap items-center gap-2">
          <span className="min-w-0 break-words font-medium">{name}</span>
          {own && <span className="text-ink-3 text-xs">you</span>}
          {operator && <Badge tone="progressing">Operator</Badge>}
          {deactivatedAt && <Badge tone="suspended">Deactivated</Badge>}
        </p>
        <p className="break-all text-ink-2 text-sm">{email}</p>
        <p className="text-ink-3 text-xs">
          {teams.length === 0 ? 'Not in a team' : `In ${teams.slice(0, 5).join(', ')}`}
          {teams.length > 5 && ` and ${teams.length - 5} more`} · joined <Time at={createdAt} />
          {deactivatedAt && (
            <>
              {' '}
              · deactivated <Time at={deactivatedAt} />
            </>
          )}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <AccountActions account={account} />
      </div>
    </li>
  )
}

/** All accounts, newest first. */
export function AccountsPage() {
  const trpc = useTRPC()
  const me = useAccount()?.email
  const { value, setValue, search } = useSearch()
  const list = useInfiniteQuery(
    trpc.admin.accounts.infiniteQueryOptions({ search, limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const accounts = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Panel
      title="Accounts"
      about="People join when they are invited to a team."
      flush
      actions={<SearchField label="Search accounts" value={value} onChange={setValue} />}
    >
      {list.error && <ProblemNotice error={list.error} onRetry={() => void list.refetch()} className="m-4" />}
      {list.isPending && <SkeletonRows label="Loading accounts" rows={6} />}
      {list.data && accounts.length === 0 && (
        <p role="status" className="px-4 py-6 text-center text-ink-3 text-sm">
          No account matches “{search}”.
        </p>
      )}
      <ul className="divide-y">
        {accounts.map((account) => (
          <AccountItem key={account.email} account={account} own={account.email === me} />
        ))}
      </ul>
      <LoadMore hasMore={list.hasNextPage} pending={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </Panel>
  )
}
