'use client'

import { createProjectInput, createTeamInput } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SlugFields } from '#ui/slug-fields.tsx'
import { AuthCard } from './auth-card.tsx'

function Steps({ at }: { at: 1 | 2 }) {
  return (
    <p className="mb-2 text-ink-3 text-xs" aria-live="polite">
      Step {at} of 2
    </p>
  )
}

function TeamStep({ onDone }: { onDone: (team: string) => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [value, setValue] = useState({ name: '', slug: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const create = useMutation(
    trpc.team.create.mutationOptions({
      onSuccess: async (team) => {
        await queryClient.invalidateQueries({ queryKey: trpc.account.get.queryKey() })
        onDone(team.team)
      },
    }),
  )
  const submit = () => {
    const input = { name: value.name, team: value.slug }
    const wrong = fieldErrors(createTeamInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) create.mutate(input)
  }
  return (
    <>
      <Steps at={1} />
      <AuthCard
        title="Name your team"
        about="A team has members with roles, projects and a quota. You can belong to several."
      >
        <form
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          {create.error && <ProblemNotice error={create.error} />}
          <SlugFields
            kind="Team"
            autoFocus
            placeholder="Acme"
            prefix="/"
            value={value}
            onChange={setValue}
            errors={{
              name: errors.name,
              slug: errors.team ?? (create.error ? problemOf(create.error).fields.team : undefined),
            }}
          />
          <Button type="submit" variant="primary" size="lg" pending={create.isPending}>
            Create team
          </Button>
        </form>
      </AuthCard>
    </>
  )
}

function ProjectStep({ team }: { team: string }) {
  const trpc = useTRPC()
  const router = useRouter()
  const [value, setValue] = useState({ name: '', slug: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const create = useMutation(
    trpc.project.create.mutationOptions({
      onSuccess: ({ project }) => router.push(paths.newApp({ team, project, environment: 'production' })),
    }),
  )
  const submit = () => {
    const input = { team, name: value.name, project: value.slug }
    const wrong = fieldErrors(createProjectInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) create.mutate(input)
  }
  return (
    <>
      <Steps at={2} />
      <AuthCard
        title="Start a project"
        about="A project is one product: its apps, in environments such as production and staging. It starts with production."
      >
        <form
          noValidate
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          {create.error && <ProblemNotice error={create.error} />}
          <SlugFields
            kind="Project"
            autoFocus
            placeholder="Shop"
            prefix={`/${team}/`}
            value={value}
            onChange={setValue}
            errors={{ name: errors.name, slug: errors.project }}
          />
          <Button type="submit" variant="primary" size="lg" pending={create.isPending || create.isSuccess}>
            Create project
          </Button>
          <Button variant="ghost" onClick={() => router.push(paths.team({ team }))}>
            Skip for now
          </Button>
        </form>
      </AuthCard>
    </>
  )
}

/** What somebody without a team reads where only operators make them. */
function NoTeam() {
  const trpc = useTRPC()
  const names = useQuery(trpc.account.operators.queryOptions()).data ?? []
  const who = names.length > 0 ? new Intl.ListFormat('en').format(names) : 'An operator of this installation'
  return (
    <AuthCard title="You are not in a team yet" about="Apps belong to teams. Only operators can create teams here.">
      <p className="text-ink-2 text-sm">
        {who} can create one for you. Or ask a colleague for an invitation to theirs, and open its link.
      </p>
    </AuthCard>
  )
}

/** The guided start: a team, then a first project with its production environment. */
export function WelcomeSteps({ team: existing, mayCreate }: { team: string | null; mayCreate: boolean }) {
  const [team, setTeam] = useState(existing)
  if (!team && !mayCreate) return <NoTeam />
  return <div className="w-full max-w-100">{team ? <ProjectStep team={team} /> : <TeamStep onDone={setTeam} />}</div>
}
