'use client'

import { createProjectInput, type TeamRef } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SlugFields } from '#ui/slug-fields.tsx'

/** Makes a project with its production environment, and goes there. */
export function NewProjectDialog({
  teamRef,
  open,
  onOpenChange,
}: {
  teamRef: TeamRef
  open: boolean
  onOpenChange: (open: boolean) => void
}) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const [value, setValue] = useState({ name: '', slug: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const create = useMutation(
    trpc.project.create.mutationOptions({
      onSuccess(project) {
        void queryClient.invalidateQueries({ queryKey: trpc.team.get.queryKey(teamRef) })
        router.push(paths.project(project))
      },
    }),
  )
  const submit = () => {
    const input = { ...teamRef, name: value.name, project: value.slug }
    const wrong = fieldErrors(createProjectInput, input)
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) create.mutate(input)
  }
  const fields = create.error ? problemOf(create.error).fields : {}
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New project"
      about="One product and its apps, in environments. It starts with production."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" pending={create.isPending || create.isSuccess} onClick={submit}>
            Create project
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
        <SlugFields
          kind="Project"
          placeholder="Shop"
          prefix={`/${teamRef.team}/`}
          value={value}
          onChange={setValue}
          errors={{ name: errors.name ?? fields.name, slug: errors.project ?? fields.project }}
        />
        <button type="submit" className="sr-only" tabIndex={-1} aria-hidden>
          Create project
        </button>
      </form>
    </Dialog>
  )
}
