'use client'

import { SETTING_LABELS } from '@slipway/domain'
import { Plus, X } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import type { BuildArgument, FieldGroupProps } from './build-draft.ts'

interface ArgumentsProps {
  values: readonly BuildArgument[]
  onChange: (values: BuildArgument[]) => void
  hint: string
  error?: string | undefined
}

/** Names and values, one row each. */
function Arguments({ values, onChange, hint, error }: ArgumentsProps) {
  const change = (index: number, part: Partial<BuildArgument>) =>
    onChange(values.map((each, at) => (at === index ? { ...each, ...part } : each)))
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 font-medium text-sm">{SETTING_LABELS.buildArgs}</legend>
      {values.map(({ name, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; names change while they are typed
        <div key={index} className="flex min-w-0 flex-wrap items-center gap-2 sm:flex-nowrap">
          <Input
            mono
            aria-label={`Name of argument ${index + 1}`}
            placeholder="NODE_ENV"
            className="sm:w-2/5"
            value={name}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          <Input
            mono
            aria-label={`Value of argument ${index + 1}`}
            placeholder="production"
            className="flex-1"
            value={value}
            onChange={(event) => change(index, { value: event.target.value })}
          />
          <Button
            variant="ghost"
            size="iconSm"
            aria-label={name ? `Remove ${name}` : `Remove argument ${index + 1}`}
            onClick={() => onChange(values.filter((_, at) => at !== index))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      <div>
        <Button size="sm" onClick={() => onChange([...values, { name: '', value: '' }])}>
          <Plus aria-hidden />
          Add argument
        </Button>
      </div>
      <p role={error ? 'alert' : undefined} className={error ? 'text-degraded text-xs' : 'text-ink-3 text-xs'}>
        {error ?? hint}
      </p>
    </fieldset>
  )
}

/** Path, stage and arguments of the Dockerfile. */
export function DockerfileFields({ draft, onChange, problems, overrides }: FieldGroupProps) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={SETTING_LABELS.dockerfile}
          hint={overrides.dockerfile ?? 'Path below the root directory.'}
          error={problems.dockerfile}
        >
          <Input
            mono
            placeholder="Dockerfile"
            value={draft.dockerfile}
            onChange={(event) => onChange({ dockerfile: event.target.value })}
          />
        </Field>
        <Field
          label={SETTING_LABELS.dockerfileTarget}
          hint={overrides.dockerfileTarget ?? 'Leave empty for the last stage.'}
          error={problems.dockerfileTarget}
        >
          <Input
            mono
            placeholder="the last stage"
            value={draft.dockerfileTarget}
            onChange={(event) => onChange({ dockerfileTarget: event.target.value })}
          />
        </Field>
      </div>
      <Arguments
        values={draft.buildArgs}
        onChange={(buildArgs) => onChange({ buildArgs })}
        hint={overrides.buildArgs ?? 'ARG values. They stay in the image’s history, so never put secrets here.'}
        error={problems.buildArgs}
      />
    </>
  )
}
