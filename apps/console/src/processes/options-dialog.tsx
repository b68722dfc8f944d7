'use client'

import {
  type AppView,
  DRAIN_SECONDS,
  GRACE_SECONDS,
  HEALTH_CHECK_TIMINGS,
  isRouted,
  OPTION_KEYS,
  type ProcessView,
} from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { Button } from '#ui/button.tsx'
import { Checkbox } from '#ui/checkbox.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { draftOf, type OptionsDraft, patchOf, problemsOf } from './options-draft.ts'

interface OptionsDialogProps {
  app: AppView
  process: ProcessView
  onClose: () => void
}

interface FieldsProps {
  draft: OptionsDraft
  onChange: (part: Partial<OptionsDraft>) => void
  errors: Readonly<Record<string, string>>
  disabled: boolean
}

interface FigureProps extends FieldsProps {
  name: 'port' | 'interval' | 'timeout' | 'failures' | 'stop' | 'drain'
  path: string
  label: string
  hint: string
  placeholder: number | string
}

function Figure({ draft, onChange, errors, disabled, name, path, label, hint, placeholder }: FigureProps) {
  return (
    <Field label={label} hint={hint} error={errors[path]}>
      <Input
        mono
        inputMode="numeric"
        autoComplete="off"
        placeholder={String(placeholder)}
        disabled={disabled}
        value={draft[name]}
        onChange={(event) => onChange({ [name]: event.target.value })}
      />
    </Field>
  )
}

function CheckFields(props: FieldsProps & { isRouted: boolean }) {
  const { draft, onChange, errors, disabled } = props
  const { intervalSeconds, timeoutSeconds, failureThreshold } = HEALTH_CHECK_TIMINGS
  return (
    <fieldset className="flex flex-col gap-3" disabled={disabled}>
      <legend className="sr-only">Health check</legend>
      <Checkbox
        label="Health check over HTTP"
        hint={
          props.isRouted
            ? 'Without one, an instance gets requests once it listens on PORT.'
            : 'Without one, an instance is healthy while it runs.'
        }
        checked={draft.isChecked}
        onChange={(event) => onChange({ isChecked: event.target.checked })}
      />
      {draft.isChecked && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label="Path"
            hint="Healthy when GET answers 200 to 399."
            error={errors['healthCheck.path']}
            className="sm:col-span-2"
          >
            <Input
              mono
              autoComplete="off"
              value={draft.path}
              onChange={(event) => onChange({ path: event.target.value })}
            />
          </Field>
          <Figure
            {...{ ...props, name: 'port', path: 'healthCheck.port', label: 'Port' }}
            hint={props.isRouted ? 'Empty for the one in PORT.' : 'Where it answers.'}
            placeholder={props.isRouted ? 'PORT' : 9090}
          />
          <Figure
            {...{ ...props, name: 'interval', path: 'healthCheck.intervalSeconds', label: 'Interval' }}
            hint="Seconds from one check to the next."
            placeholder={intervalSeconds}
          />
          <Figure
            {...{ ...props, name: 'timeout', path: 'healthCheck.timeoutSeconds', label: 'Timeout' }}
            hint="Seconds to answer."
            placeholder={timeoutSeconds}
          />
          <Figure
            {...{ ...props, name: 'failures', path: 'healthCheck.failureThreshold', label: 'Failures' }}
            hint="So many in a row, and it gets no requests."
            placeholder={failureThreshold}
          />
        </div>
      )}
    </fieldset>
  )
}

function useConfigure({ app, process, onClose }: OptionsDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return useMutation(
    trpc.app.configureProcess.mutationOptions({
      onSuccess(next) {
        queryClient.setQueryData(trpc.app.get.queryKey(app.ref), next)
        const isNew = next.currentRelease !== app.currentRelease
        toast.success(isNew ? `v${next.currentRelease} rolls ${process.name} out with it.` : 'Nothing changed.')
        onClose()
      },
    }),
  )
}

/** Health check, stop and drain times of one process. */
export function OptionsDialog({ app, process, onClose }: OptionsDialogProps) {
  const [draft, setDraft] = useState(() => draftOf(process))
  const said = app.slipwayFile?.file.processes?.[process.name] ?? {}
  const fromFile = new Set(OPTION_KEYS.filter((key) => said[key] !== undefined))
  const configure = useConfigure({ app, process, onClose })
  const routed = isRouted(process)
  const patch = patchOf(draft, fromFile)
  const errors = problemsOf(process, patch)
  const refused = configure.error ? problemOf(configure.error) : null
  const blocked = Object.keys(errors).length > 0 || fromFile.size === OPTION_KEYS.length
  const change = (part: Partial<OptionsDraft>) => {
    configure.reset()
    setDraft((last) => ({ ...last, ...part }))
  }
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (!blocked) configure.mutate({ ...app.ref, process: process.name, options: patch })
  }
  const fields = { draft, onChange: change, errors, disabled: configure.isPending }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Checks of ${process.name}`}
      about="When an instance counts as healthy, and how it is stopped. A change makes a release, which replaces the instances."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={blocked} pending={configure.isPending} onClick={() => submit()}>
            Save and release
          </Button>
        </>
      }
    >
      <form className="flex flex-col gap-4" noValidate onSubmit={submit}>
        {fromFile.size > 0 && (
          <Notice>
            <code>slipway.yaml</code> sets {[...fromFile].join(', ')}, and wins. Change it there.
          </Notice>
        )}
        <CheckFields {...fields} isRouted={routed} disabled={fields.disabled || fromFile.has('healthCheck')} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Figure
            {...{ ...fields, name: 'stop', path: 'stopTimeoutSeconds', label: 'Stop timeout' }}
            disabled={fields.disabled || fromFile.has('stopTimeoutSeconds')}
            hint="Seconds until an instance that does not stop is killed."
            placeholder={GRACE_SECONDS}
          />
          {routed && (
            <Figure
              {...{ ...fields, name: 'drain', path: 'drainSeconds', label: 'Drain' }}
              disabled={fields.disabled || fromFile.has('drainSeconds')}
              hint="Seconds it serves on before SIGTERM. Part of the stop timeout."
              placeholder={DRAIN_SECONDS}
            />
          )}
        </div>
        {refused && <ProblemNotice error={configure.error} />}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
    </Dialog>
  )
}
