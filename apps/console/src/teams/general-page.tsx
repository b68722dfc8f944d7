'use client'

import { type TeamRef, updateTeamInput } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { fieldErrors } from '#lib/form.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton } from '#ui/skeleton.tsx'

function NameForm({ teamRef, name }: { teamRef: TeamRef; name: string }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayUpdate = useMay(teamRef.team, 'team.update')
  const [value, setValue] = useState(name)
  const [wrong, setWrong] = useState<string | undefined>()
  const update = useMutation(
    trpc.team.update.mutationOptions({
      onSuccess(team) {
        queryClient.setQueryData(trpc.team.get.queryKey(teamRef), team)
        void queryClient.invalidateQueries({ queryKey: trpc.account.get.queryKey() })
        toast.success('Team renamed.')
      },
    }),
  )
  const submit = () => {
    const problem = fieldErrors(updateTeamInput, { ...teamRef, name: value }).name
    setWrong(problem)
    if (!problem) update.mutate({ ...teamRef, name: value })
  }
  return (
    <form
      noValidate
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Field label="Name" error={wrong}>
        <Input value={value} maxLength={80} disabled={!mayUpdate} onChange={(event) => setValue(event.target.value)} />
      </Field>
      <Field label="Address" hint="Part of every address and git remote. It cannot be changed.">
        <Input mono readOnly value={teamRef.team} />
      </Field>
      {update.error && <ProblemNotice error={update.error} />}
      {!mayUpdate && <WhoCan team={teamRef.team} permission="team.update" what="rename the team" />}
      {mayUpdate && (
        <div>
          <Button type="submit" variant="primary" disabled={value === name} pending={update.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  )
}

/** A team's name. */
export function GeneralPage({ teamRef }: { teamRef: TeamRef }) {
  const trpc = useTRPC()
  const { data: team, error, refetch } = useQuery(trpc.team.get.queryOptions(teamRef))
  return (
    <Panel title="Team">
      {team && <NameForm teamRef={teamRef} name={team.name} />}
      {!team && error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!team && !error && <Skeleton className="h-24 max-w-md" />}
    </Panel>
  )
}
