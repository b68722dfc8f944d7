'use client'

import type { SessionView } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { leave } from '#shell/user-menu.tsx'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'

function useRefresh() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: trpc.session.list.queryKey() }),
      queryClient.invalidateQueries({ queryKey: trpc.account.events.infiniteQueryKey() }),
    ])
}

function SessionRow({ session }: { session: SessionView }) {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const revoke = useMutation(
    trpc.session.revoke.mutationOptions({
      onSuccess: refresh,
      onError: (error) => toast.error(error.message),
    }),
  )
  return (
    <li className="flex items-center gap-4 px-4 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 text-base">
          <span className="truncate first-letter:uppercase">{session.device}</span>
          {session.current && <Badge>This device</Badge>}
        </p>
        <p className="text-ink-3 text-xs">
          <span className="break-all font-mono">{session.address}</span> · last used <Time at={session.lastUsedAt} /> ·
          signed in <Time at={session.createdAt} />
        </p>
      </div>
      {session.current ? (
        <Button size="sm" onClick={leave}>
          Sign out
        </Button>
      ) : (
        <Button
          size="sm"
          variant="dangerQuiet"
          aria-label={`End the session with ${session.device}`}
          pending={revoke.isPending}
          onClick={() => revoke.mutate({ session: session.id })}
        >
          End
        </Button>
      )}
    </li>
  )
}

/** Where one is signed in, and the way to end that. */
export function SessionsPanel() {
  const trpc = useTRPC()
  const refresh = useRefresh()
  const { data: sessions, error, refetch } = useQuery(trpc.session.list.queryOptions())
  const revokeOthers = useMutation(
    trpc.session.revokeOthers.mutationOptions({
      onSuccess({ ended }) {
        toast.success(ended === 1 ? 'One other session has ended.' : `${ended} other sessions have ended.`)
        return refresh()
      },
      onError: (problem) => toast.error(problem.message),
    }),
  )
  const hasOthers = sessions?.some(({ current }) => !current) ?? false
  return (
    <Panel
      id="sessions"
      title="Sessions"
      about="Browsers that are signed in as you. Ending a session signs it out at once."
      flush
      actions={
        hasOthers && (
          <Button size="sm" pending={revokeOthers.isPending} onClick={() => revokeOthers.mutate()}>
            End all others
          </Button>
        )
      }
    >
      {error && !sessions && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!sessions && !error && <SkeletonRows label="Loading sessions" rows={2} />}
      {sessions && (
        <ul aria-label="Sessions" className="divide-y">
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Panel>
  )
}
