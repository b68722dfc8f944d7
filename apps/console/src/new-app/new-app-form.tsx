'use client'

import { type EnvironmentRef, planRelease, SIZES } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useForeseen } from '#quota/use-quota.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { useBarred } from './barred.tsx'
import { AddWebhook, ConnectAgain } from './connected.tsx'
import { EMPTY_DRAFT, type NewAppDraft, newAppErrors, withChange } from './new-app-draft.ts'
import { type PartialPlace, PlaceFields } from './place-fields.tsx'
import { isBuilt, SourceChoice } from './source-choice.tsx'
import { SourceFields } from './source-fields.tsx'
import { useCreateApp } from './use-create-app.ts'

function useNoBuilds(): string | null {
  const trpc = useTRPC()
  const capabilities = useQuery(trpc.setup.status.queryOptions(undefined, { staleTime: 300_000 })).data?.capabilities
  if (!capabilities || capabilities.builds) return null
  return (
    capabilities.missing.find((sentence) => /build|registry/i.test(sentence)) ??
    'No registry is configured, so code cannot be built here.'
  )
}

const ACTIONS = {
  git: 'Create app',
  repository: 'Create and connect',
  image: 'Create and deploy',
  compose: 'Create app',
} as const

const whole = ({ team = '', project = '', environment = '' }: PartialPlace): EnvironmentRef => ({
  team,
  project,
  environment,
})

/** Creates an app: where, from what, how it is called. Leads to its page, where it can be watched coming to life. */
export function NewAppForm({ place: initial, name = '' }: { place: PartialPlace; name?: string }) {
  const router = useRouter()
  const noBuilds = useNoBuilds()
  const [place, setPlace] = useState(initial)
  const [stored, setDraft] = useState<NewAppDraft>({ ...EMPTY_DRAFT, app: name })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const create = useCreateApp()
  const barred = useBarred()
  const draft = noBuilds && isBuilt(stored.kind) ? { ...stored, kind: 'image' as const } : stored
  const change = (part: Partial<NewAppDraft>) => setDraft(withChange(draft, part))
  const submit = () => {
    const wrong = newAppErrors(place, draft)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) create.mutate({ place, draft })
  }
  const found = useForeseen(
    whole(place),
    draft.kind === 'image' && place.environment ? planRelease(null, undefined, SIZES[draft.size]) : null,
  )
  const refused = create.error ? problemOf(create.error).fields : {}
  const errorOf = (path: string) => errors[path] ?? refused[path]
  if (barred) return barred
  if (create.data?.webhook) return <AddWebhook appRef={create.data.ref} webhook={create.data.webhook} />
  if (create.data?.connectError) {
    return <ConnectAgain appRef={create.data.ref} initial={draft.repository} error={create.data.connectError} />
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Panel title="What runs">
        <div className="flex flex-col gap-4">
          <SourceChoice value={draft.kind} onChange={(kind) => change({ kind })} noBuilds={noBuilds} />
          <SourceFields draft={draft} onChange={change} errorOf={errorOf} />
        </div>
      </Panel>
      {draft.kind !== 'compose' && (
        <>
          <Panel title="Where">
            <PlaceFields value={place} onChange={setPlace} />
          </Panel>
          <Panel title="Name">
            <Field label="App name" hint="Part of its address. It cannot be changed later." error={errorOf('app')}>
              <Input
                mono
                placeholder="web"
                maxLength={40}
                value={draft.app}
                onChange={(event) => change({ app: event.target.value.toLowerCase() })}
              />
            </Field>
          </Panel>
        </>
      )}
      {create.error && Object.keys(refused).length === 0 && <ProblemNotice error={create.error} />}
      <PreflightNotice found={found} />
      <div className="flex justify-end gap-2">
        <Button onClick={() => router.back()}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!place.environment || draft.kind === 'compose' || found.refusal !== null}
          pending={create.isPending || create.isSuccess}
        >
          {ACTIONS[draft.kind]}
        </Button>
      </div>
    </form>
  )
}
