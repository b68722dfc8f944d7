'use client'

import type { EnvironmentRef } from '@slipway/domain'
import { roleAllows } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useAccount } from '#shell/use-account.ts'
import { Field } from '#ui/field.tsx'
import { Notice } from '#ui/notice.tsx'
import { Select } from '#ui/select.tsx'

export type PartialPlace = Partial<EnvironmentRef>

interface PlaceFieldsProps {
  value: PartialPlace
  onChange: (place: PartialPlace) => void
}

/** The teams where one may make apps, with the projects and environments of the chosen one. */
function useChoices({ team, project }: PartialPlace) {
  const trpc = useTRPC()
  const teams = (useAccount()?.teams ?? []).filter((each) => roleAllows(each.role, 'app.create'))
  const view = useQuery(trpc.team.get.queryOptions({ team: team ?? '' }, { enabled: Boolean(team) })).data
  const projects = team ? (view?.projects ?? []) : []
  const environments = projects.find((each) => each.project === project)?.environments ?? []
  return { teams, projects, environments, loaded: view !== undefined }
}

/** Fills in what there is only one of, and drops what does not exist. */
function completed(
  place: PartialPlace,
  { teams, projects, environments, loaded }: ReturnType<typeof useChoices>,
): PartialPlace {
  const team = teams.some((each) => each.team === place.team) ? place.team : teams[0]?.team
  if (!loaded || team !== place.team) return { ...place, team }
  const project = projects.some((each) => each.project === place.project) ? place.project : projects[0]?.project
  if (project !== place.project) return { team, project }
  const kept = environments.some((each) => each.environment === place.environment)
  return { team, project, environment: kept ? place.environment : environments[0]?.environment }
}

/** Where the app is to live: team, project, environment. */
export function PlaceFields({ value, onChange }: PlaceFieldsProps) {
  const choices = useChoices(value)
  const { teams, projects, environments } = choices
  const next = completed(value, choices)
  const settled = (['team', 'project', 'environment'] as const).every((key) => next[key] === value[key])
  useEffect(() => {
    if (!settled) onChange(next)
  })
  if (choices.loaded && projects.length === 0) {
    return (
      <Notice tone="warning" title="This team has no project yet">
        An app lives in an environment of a project.{' '}
        <Link className="text-accent underline" href={`/${value.team}?new=project`}>
          Create a project
        </Link>{' '}
        first.
      </Notice>
    )
  }
  const none = choices.loaded && value.project !== undefined && environments.length === 0
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <Field label="Team">
        <Select
          value={value.team ?? ''}
          onValueChange={(team) => onChange({ team })}
          options={teams.map((each) => ({ value: each.team, label: each.name }))}
        />
      </Field>
      <Field label="Project">
        <Select
          value={value.project ?? ''}
          onValueChange={(project) => onChange({ team: value.team, project })}
          options={projects.map((each) => ({ value: each.project, label: each.name }))}
        />
      </Field>
      <Field label="Environment">
        <Select
          value={value.environment ?? ''}
          onValueChange={(environment) => onChange({ ...value, environment })}
          options={environments.map((each) => ({ value: each.environment, label: each.environment, about: each.kind }))}
        />
      </Field>
      {none && (
        <Notice tone="warning" title="This project has no environment" className="sm:col-span-3">
          <Link className="text-accent underline" href={`/${value.team}/${value.project}`}>
            Create one
          </Link>{' '}
          first, such as production.
        </Notice>
      )}
    </div>
  )
}
