'use client'

import { BUILDER_HINTS, BUILDER_LABELS, BUILDERS, type Builder, SETTING_LABELS } from '@slipway/domain'
import { ChevronRight } from 'lucide-react'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Select, type SelectOption } from '#ui/select.tsx'
import type { FieldGroupProps, SpaFallback } from './build-draft.ts'
import { DockerfileFields } from './dockerfile-fields.tsx'
import { VarChips } from './var-chips.tsx'

export const BUILDER_OPTIONS: SelectOption<Builder>[] = BUILDERS.map((value) => ({
  value,
  label: BUILDER_LABELS[value],
  about: BUILDER_HINTS[value],
}))
const SPA_OPTIONS: SelectOption<SpaFallback>[] = [
  { value: 'auto', label: 'As the framework suggests' },
  { value: 'on', label: 'On', about: 'Unknown paths answer with index.html.' },
  { value: 'off', label: 'Off', about: 'Unknown paths answer 404.' },
]

function SourceFields({ draft, onChange, problems, overrides }: FieldGroupProps) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label={SETTING_LABELS.rootDirectory}
        hint="The app’s folder in its repository. Leave empty for the top."
        error={problems.rootDirectory}
      >
        <Input
          mono
          placeholder="apps/web"
          value={draft.rootDirectory}
          onChange={(event) => onChange({ rootDirectory: event.target.value })}
        />
      </Field>
      <Field
        label={SETTING_LABELS.deployBranch}
        hint={
          overrides.deployBranch ??
          'Pushes to other branches are not deployed. Leave empty to let the next push decide.'
        }
        error={problems.deployBranch}
      >
        <Input
          mono
          placeholder="chosen by the first push"
          value={draft.deployBranch}
          onChange={(event) => onChange({ deployBranch: event.target.value })}
        />
      </Field>
    </div>
  )
}

/** The Dockerfile's settings where one is built for sure; folded away where it depends on the source. */
function DockerfileGroup(props: FieldGroupProps) {
  const { draft } = props
  if (draft.builder === 'dockerfile') return <DockerfileFields {...props} />
  if (draft.builder !== 'automatic') return null
  const { dockerfile, dockerfileTarget, buildArgs } = draft
  const used = dockerfile !== 'Dockerfile' || dockerfileTarget !== '' || buildArgs.length > 0
  return (
    <details open={used || undefined} className="group rounded-md border">
      <summary className="flex cursor-pointer list-none flex-wrap items-center gap-x-2 px-3 py-2 text-sm hover:bg-hover">
        <ChevronRight aria-hidden className="size-4 text-ink-3 transition-transform group-open:rotate-90" />
        Dockerfile options
        <span className="text-ink-3 text-xs">used when the source has a Dockerfile</span>
      </summary>
      <div className="flex flex-col gap-4 border-t p-3">
        <DockerfileFields {...props} />
      </div>
    </details>
  )
}

/** All settings of an app's build that say something under the chosen builder. */
export function BuildFields(props: FieldGroupProps & { configKeys: readonly string[] | undefined }) {
  const { draft, onChange, problems, overrides, configKeys } = props
  return (
    <div className="flex max-w-3xl flex-col gap-5">
      <SourceFields {...props} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={SETTING_LABELS.builder} hint={overrides.builder ?? BUILDER_HINTS[draft.builder]}>
          <Select value={draft.builder} onValueChange={(builder) => onChange({ builder })} options={BUILDER_OPTIONS} />
        </Field>
        {draft.builder !== 'dockerfile' && (
          <Field
            label={SETTING_LABELS.spaFallback}
            hint={overrides.spaFallback ?? 'For static sites: what to serve for unknown paths.'}
          >
            <Select
              value={draft.spaFallback}
              onValueChange={(spaFallback) => onChange({ spaFallback })}
              options={SPA_OPTIONS}
            />
          </Field>
        )}
      </div>
      <DockerfileGroup {...props} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={SETTING_LABELS.startTimeout}
          hint={overrides.startTimeout ?? 'Seconds a web process has to start listening on PORT.'}
          error={problems.startTimeout}
        >
          <Input
            mono
            inputMode="numeric"
            value={draft.startTimeout}
            onChange={(event) => onChange({ startTimeout: event.target.value })}
          />
        </Field>
      </div>
      <VarChips
        label={SETTING_LABELS.buildVars}
        patterns={draft.buildVars}
        onChange={(buildVars) => onChange({ buildVars })}
        known={configKeys}
        hint={overrides.buildVars ?? 'A build sees only what is named here: a name, or a prefix such as NEXT_PUBLIC_*.'}
        error={problems.buildVars}
      />
    </div>
  )
}
