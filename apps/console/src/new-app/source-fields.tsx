'use client'

import { BUILDER_HINTS, SETTING_LABELS } from '@slipway/domain'
import { ChevronRight } from 'lucide-react'
import { BUILDER_OPTIONS } from '#app-settings/build-fields.tsx'
import { ConnectFields } from '#app-settings/connect-fields.tsx'
import { SIZE_OPTIONS } from '#processes/size-select.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { Select } from '#ui/select.tsx'
import type { NewAppDraft } from './new-app-draft.ts'
import { isBuilt } from './source-choice.tsx'

interface SourceFieldsProps {
  draft: NewAppDraft
  onChange: (part: Partial<NewAppDraft>) => void
  /** What is wrong with a field, by dotted path. */
  errorOf: (path: string) => string | undefined
}

function ImageFields({ draft, onChange, errorOf }: SourceFieldsProps) {
  return (
    <>
      <Field
        label="Image"
        hint="Include the registry unless it is Docker Hub. A digest pins the exact image."
        error={errorOf('source.image')}
      >
        <Input
          mono
          placeholder="ghcr.io/acme/shop:1.4.2"
          value={draft.image}
          onChange={(event) => onChange({ image: event.target.value.trim() })}
        />
      </Field>
      <Field
        label="Command"
        hint="Leave empty to use the image’s own. It must listen on the port in PORT."
        error={errorOf('source.command')}
      >
        <Input
          mono
          placeholder="the image’s own"
          value={draft.command}
          onChange={(event) => onChange({ command: event.target.value })}
        />
      </Field>
      <Field label="Size" hint="CPU and memory of its instance. You can change it later, to any other pair too.">
        <Select value={draft.size} onValueChange={(size) => onChange({ size })} options={SIZE_OPTIONS} />
      </Field>
    </>
  )
}

/** Where the app is in the repository and what builds it; both can be changed later. */
function BuildOptions({ draft, onChange, errorOf }: SourceFieldsProps) {
  const wrong = errorOf('settings.rootDirectory')
  return (
    <details open={wrong ? true : undefined} className="group rounded-md border">
      <summary className="flex cursor-pointer list-none flex-wrap items-center gap-x-2 px-3 py-2 text-sm hover:bg-hover">
        <ChevronRight aria-hidden className="size-4 text-ink-3 transition-transform group-open:rotate-90" />
        Advanced
        <span className="text-ink-3 text-xs">monorepo folder and builder; you can change both later</span>
      </summary>
      <div className="grid gap-4 border-t p-3 sm:grid-cols-2">
        <Field
          label={SETTING_LABELS.rootDirectory}
          hint="The app’s folder in its repository. Leave empty for the top."
          error={wrong}
        >
          <Input
            mono
            placeholder="apps/web"
            value={draft.rootDirectory}
            onChange={(event) => onChange({ rootDirectory: event.target.value })}
          />
        </Field>
        <Field label={SETTING_LABELS.builder} hint={BUILDER_HINTS[draft.builder]}>
          <Select value={draft.builder} onValueChange={(builder) => onChange({ builder })} options={BUILDER_OPTIONS} />
        </Field>
      </div>
    </details>
  )
}

const NO_COMPOSE = (
  <Notice tone="warning" live title="Compose files cannot be imported yet">
    <p>Create one app for each service instead:</p>
    <ul className="list-disc pl-5">
      <li>
        a service with <code>image:</code> as an app from that image;
      </li>
      <li>
        a service with <code>build:</code> by git push, with its folder as root directory;
      </li>
      <li>
        <code>environment:</code> as config vars, and a data service that runs elsewhere as a config var with its
        address.
      </li>
    </ul>
  </Notice>
)

/** What has to be known of the chosen source. */
export function SourceFields(props: SourceFieldsProps) {
  const { draft, onChange, errorOf } = props
  return (
    <>
      {draft.kind === 'image' && <ImageFields {...props} />}
      {draft.kind === 'repository' && (
        <ConnectFields
          draft={draft.repository}
          onChange={(part) => onChange({ repository: { ...draft.repository, ...part } })}
          errorOf={(field) => errorOf(`repository.${field}`)}
        />
      )}
      {isBuilt(draft.kind) && <BuildOptions {...props} />}
      {draft.kind === 'compose' && NO_COMPOSE}
    </>
  )
}
