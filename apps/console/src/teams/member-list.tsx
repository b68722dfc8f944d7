'use client'

import { type MemberView, mayAssignRole, type Role, roleAllows, type TeamRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useAccount, useRole } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Time } from '#ui/time.tsx'
import { RoleSelect } from './role-select.tsx'

interface MemberRowProps {
  teamRef: TeamRef
  member: MemberView
  actor: Role
  isMe: boolean
}

function RemoveMember({ teamRef, member, isMe }: Omit<MemberRowProps, 'actor'>) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const remove = useMutation(
    trpc.member.remove.mutationOptions({
      onSuccess() {
        toast.success(`${member.name} is no longer in the team.`)
        return queryClient.invalidateQueries({ queryKey: trpc.member.list.queryKey(teamRef) })
      },
    }),
  )
  // Who leaves sees the team no more: start over from the first page.
  const leave = useMutation(trpc.member.leave.mutationOptions({ onSuccess: () => location.assign('/') }))
  return (
    <>
      <Button
        size="sm"
        variant="dangerQuiet"
        aria-label={isMe ? 'Leave the team' : `Remove ${member.name}`}
        onClick={() => setAsking(true)}
      >
        {isMe ? 'Leave' : 'Remove'}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={isMe ? 'Leave this team?' : `Remove ${member.name}?`}
        about={`${isMe ? 'You' : 'They'} will lose access to the team. What ${isMe ? 'you' : 'they'} created stays.`}
        action={isMe ? 'Leave team' : 'Remove member'}
        danger
        pending={remove.isPending || leave.isPending}
        error={isMe ? leave.error : remove.error}
        onConfirm={() => (isMe ? leave.mutate(teamRef) : remove.mutate({ ...teamRef, email: member.email }))}
      />
    </>
  )
}

function MemberRow({ teamRef, member, actor, isMe }: MemberRowProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const key = trpc.member.list.queryKey(teamRef)
  const setRole = useMutation(
    trpc.member.setRole.mutationOptions({
      onMutate({ role }) {
        const before = queryClient.getQueryData(key)
        queryClient.setQueryData(key, (members) =>
          members?.map((each) => (each.email === member.email ? { ...each, role } : each)),
        )
        return { before }
      },
      onError(error, _input, context) {
        queryClient.setQueryData(key, context?.before)
        toast.error(problemOf(error).message)
      },
      onSettled() {
        void queryClient.invalidateQueries({ queryKey: key })
        void queryClient.invalidateQueries({ queryKey: trpc.account.get.queryKey() })
      },
    }),
  )
  const mayChange = mayAssignRole(actor, member.role)
  // Whom the address names: the palette leads here.
  const named = useSearchParams().get('member') === member.email
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (named) row.current?.scrollIntoView({ block: 'center' })
  }, [named])
  return (
    <li
      ref={row}
      aria-current={named || undefined}
      className={cn('flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5', named && 'bg-accent-soft')}
    >
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium text-base">{member.name}</span>
          {isMe && <Badge>you</Badge>}
        </p>
        <p className="break-all text-ink-3 text-xs sm:truncate">
          {member.email} · joined <Time at={member.joinedAt} />
        </p>
      </div>
      {mayChange ? (
        <RoleSelect
          aria-label={`Role of ${member.name}`}
          className="w-32"
          actor={actor}
          value={member.role}
          disabled={setRole.isPending}
          onValueChange={(role) => setRole.mutate({ ...teamRef, email: member.email, role })}
        />
      ) : (
        <span className="w-32 text-ink-2 text-sm">{member.role}</span>
      )}
      <span className="w-20 text-right max-sm:ml-auto">
        {(mayChange || isMe) && <RemoveMember teamRef={teamRef} member={member} isMe={isMe} />}
      </span>
    </li>
  )
}

/** Who is in the team, with their roles. */
export function MemberList({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const account = useAccount()
  const actor = useRole(teamRef.team) ?? 'viewer'
  const { data: members, error, refetch } = useQuery(trpc.member.list.queryOptions(teamRef))
  return (
    <Panel title="Members" flush>
      {error && !members && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!members && !error && <SkeletonRows label="Loading members" rows={3} />}
      {members && !roleAllows(actor, 'member.manage') && (
        <div className="border-b px-4 py-2.5">
          <WhoCan team={teamRef.team} permission="member.manage" what="invite people and change roles" />
        </div>
      )}
      {members && (
        <ul className="divide-y">
          {members.map((member) => (
            <MemberRow
              key={member.email}
              teamRef={teamRef}
              member={member}
              actor={actor}
              isMe={member.email === account?.email}
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
