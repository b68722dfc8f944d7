'use client'

import { type MemberView, mayAssignRole, type Role, type TeamRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { useAccount, useRole } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
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
        // Who leaves sees the team no more: start over from the first page.
        if (isMe) return location.assign('/')
        toast.success(`${member.name} is no longer in the team.`)
        return queryClient.invalidateQueries({ queryKey: trpc.member.list.queryKey(teamRef) })
      },
    }),
  )
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
        about={`${isMe ? 'You' : 'They'} will no longer see anything of the team. What ${isMe ? 'you' : 'they'} made stays.`}
        action={isMe ? 'Leave team' : 'Remove member'}
        danger
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ ...teamRef, email: member.email })}
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
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium text-base">{member.name}</span>
          {isMe && <Badge>you</Badge>}
        </p>
        <p className="truncate text-ink-3 text-xs">
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
      <span className="w-20 text-right">
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
