'use client'

import { createEnvironmentInput, type EnvironmentKind, type ProjectRef } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'

const KINDS: { value: EnvironmentKind; label: string; about: string }[] = [
  { value: 'staging', label: 'Staging', about: 'For trying a release before production.' },
  { value: 'preview', label: 'Preview', about: 'For a branch or an idea; short-lived.' },
  { value: 'production', label: 'Production', about: 'For the people who use the product.' },
]

interface NewEnvironmentDialogProps {
  projectRef: ProjectRef
  open: boolean
  onOpenChange: (open: boolean) => void
}

/** One more stage of a project. */
export function NewEnvironmentDialog({ projectRef, open, onOpenChange }: NewEnvironmentDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [kind, setKind] = useState<EnvironmentKind>('staging')
  const [environment, setEnvironment] = useState('staging')
  const [wrong, setWrong] = useState<string | undefined>()
  const create = useMutation(
    trpc.environment.create.mutationOptions({
      onSuccess(project) {
        queryClient.setQueryData(trpc.project.get.queryKey(projectRef), project)
        void queryClient.invalidateQueries({ queryKey: trpc.team.get.queryKey({ team: projectRef.team }) })
        onOpenChange(false)
        toast.success(`${environment} created.`)
      },
    }),
  )
  const submit = () => {
    const problem = fieldErrors(createEnvironmentInput, { ...projectRef, environment, kind }).environment
    setWrong(problem)
    if (!problem) create.mutate({ ...projectRef, environment, kind })
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New environment"
      about="A stage of the project with its own apps, config and allocation. Its kind cannot be changed later."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" pending={create.isPending} onClick={submit}>
            Create environment
          </Button>
        </>
      }
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
        <Field label="Kind">
          <Select value={kind} onValueChange={setKind} options={KINDS} />
        </Field>
        <Field label="Name" error={wrong}>
          <Input
            mono
            maxLength={40}
            value={environment}
            onChange={(event) => setEnvironment(event.target.value.toLowerCase())}
          />
        </Field>
      </form>
    </Dialog>
  )
}
