'use client'

import { createAppInput } from '@slipway/domain'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { type PartialPlace, PlaceFields } from './place-fields.tsx'
import { SourceChoice, type SourceKind } from './source-choice.tsx'

/** The last part of an image's name: a good first guess for the app's. */
function nameOfImage(image: string): string {
  const name = image.split('@')[0]?.split('/').at(-1)?.split(':')[0] ?? ''
  return name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
}

interface Draft {
  app: string
  kind: SourceKind
  image: string
  command: string
}

function useNoBuilds(): string | null {
  const trpc = useTRPC()
  const capabilities = useQuery(trpc.setup.status.queryOptions(undefined, { staleTime: 300_000 })).data?.capabilities
  if (!capabilities || capabilities.builds) return null
  return (
    capabilities.missing.find((sentence) => /build|registry/i.test(sentence)) ??
    'No registry is configured, so code can not be built here.'
  )
}

function inputOf(place: PartialPlace, draft: Draft) {
  const source =
    draft.kind === 'git'
      ? ({ kind: 'git' } as const)
      : ({ kind: 'image', image: draft.image, command: draft.command.trim() || undefined } as const)
  return { ...place, app: draft.app, source }
}

/** Makes an app: where, from what, how it is called. Leads to its page, where it can be watched coming to life. */
export function NewAppForm({ place: initial }: { place: PartialPlace }) {
  const trpc = useTRPC()
  const router = useRouter()
  const noBuilds = useNoBuilds()
  const [place, setPlace] = useState(initial)
  const [draft, setDraft] = useState<Draft>({ app: '', kind: 'git', image: '', command: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const create = useMutation(trpc.app.create.mutationOptions({ onSuccess: (app) => router.push(paths.app(app.ref)) }))
  const kind = noBuilds ? 'image' : draft.kind
  const change = (part: Partial<Draft>) => setDraft((last) => ({ ...last, ...part }))
  const submit = () => {
    const input = createAppInput.safeParse(inputOf(place, { ...draft, kind }))
    setErrors(fieldErrors(createAppInput, inputOf(place, { ...draft, kind })))
    if (input.success) create.mutate(input.data)
  }
  const errorOf = (field: string) => errors[field] ?? (create.error ? problemOf(create.error).fields[field] : undefined)
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
          <SourceChoice value={kind} onChange={(next) => change({ kind: next })} noBuilds={noBuilds} />
          {kind === 'image' && (
            <>
              <Field
                label="Image"
                hint="With its registry, unless it is Docker Hub. A digest pins exactly what runs."
                error={errorOf('source.image')}
              >
                <Input
                  mono
                  placeholder="ghcr.io/acme/shop:1.4.2"
                  value={draft.image}
                  onChange={(event) => {
                    const image = event.target.value.trim()
                    const untouched = draft.app === '' || draft.app === nameOfImage(draft.image)
                    change({ image, ...(untouched ? { app: nameOfImage(image) } : {}) })
                  }}
                />
              </Field>
              <Field
                label="Command"
                hint="Leave empty for the image’s own. It has to listen on the port in PORT."
                error={errorOf('source.command')}
              >
                <Input
                  mono
                  placeholder="the image’s own"
                  value={draft.command}
                  onChange={(event) => change({ command: event.target.value })}
                />
              </Field>
            </>
          )}
        </div>
      </Panel>
      <Panel title="Where">
        <PlaceFields value={place} onChange={setPlace} />
      </Panel>
      <Panel title="Name">
        <Field label="App name" hint="Part of its address. It can not be changed later." error={errorOf('app')}>
          <Input
            mono
            placeholder="web"
            maxLength={40}
            value={draft.app}
            onChange={(event) => change({ app: event.target.value.toLowerCase() })}
          />
        </Field>
      </Panel>
      {create.error && Object.keys(problemOf(create.error).fields).length === 0 && (
        <ProblemNotice error={create.error} />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={() => router.back()}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={!place.environment}
          pending={create.isPending || create.isSuccess}
        >
          {kind === 'git' ? 'Create app' : 'Create and deploy'}
        </Button>
      </div>
    </form>
  )
}
