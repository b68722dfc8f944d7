'use client'

import type { TokenView } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useNow } from '#lib/use-now.ts'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'
import { NewToken } from './new-token.tsx'
import { scopeLabel } from './token-words.ts'

/** "expires in 3 months", "expired", "no expiry". */
function Expiry({ at }: { at: string | null }) {
  const now = useNow(null)
  if (at === null) return <span className="text-warning">no expiry</span>
  const isOver = Date.parse(at) <= now
  return (
    <span className={isOver ? 'text-degraded' : undefined}>
      {isOver ? 'expired' : 'expires'} <Time at={at} />
    </span>
  )
}

function TokenRow({ token }: { token: TokenView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const revoke = useMutation(
    trpc.token.revoke.mutationOptions({
      onSuccess: () =>
        Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.token.list.queryKey() }),
          queryClient.invalidateQueries({ queryKey: trpc.account.events.infiniteQueryKey() }),
        ]),
    }),
  )
  return (
    <li className="flex items-center gap-x-4 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="truncate text-base">
          {token.name} <span className="font-mono text-ink-3 text-xs">{token.hint}…</span>
        </p>
        <p className="text-ink-3 text-xs">
          {scopeLabel(token.scope)} · created <Time at={token.createdAt} /> ·{' '}
          {token.lastUsedAt ? (
            <>
              last used <Time at={token.lastUsedAt} />
            </>
          ) : (
            'never used'
          )}{' '}
          · <Expiry at={token.expiresAt} />
        </p>
      </div>
      <Button size="sm" variant="dangerQuiet" aria-label={`Revoke ${token.name}`} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke ${token.name}?`}
        about="Everything that uses it stops working: git pushes, the command line, CI. Its open streams end."
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
    <Panel id="tokens" title="API tokens" about="Used as the git password, and by the command line and CI." flush>
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
