'use client'

import { setRegistryInput, type TeamRef } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

interface RegistryDialogProps {
  teamRef: TeamRef
  /** Host and user of what is replaced; null adds one. */
  present: { host: string; username: string } | null
  onClose: () => void
}

/** Asks for the credentials of one registry. What is stored is never shown again. */
export function RegistryDialog({ teamRef, present, onClose }: RegistryDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState({ host: present?.host ?? '', username: present?.username ?? '', password: '' })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const save = useMutation(
    trpc.registry.set.mutationOptions({
      onSuccess(list) {
        queryClient.setQueryData(trpc.registry.list.queryKey(teamRef), list)
        toast.success(`Credentials for ${setRegistryInput.shape.host.parse(draft.host)} stored.`, {
          description: 'New instances use them to pull.',
        })
        onClose()
      },
    }),
  )
  const submit = () => {
    const wrong = fieldErrors(setRegistryInput, { ...teamRef, ...draft })
    setErrors(wrong)
    if (Object.keys(wrong).length === 0) save.mutate({ ...teamRef, ...draft })
  }
  const refused = save.error ? problemOf(save.error).fields : {}
  const field = (name: keyof typeof draft) => ({
    value: draft[name],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  })
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={present ? `Replace the credentials for ${present.host}` : 'Add a registry'}
      about="Every environment of the team uses them to pull private images."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" pending={save.isPending} onClick={submit}>
            {present ? 'Replace' : 'Add registry'}
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
        <Field label="Host" hint="Docker Hub is docker.io." error={errors.host ?? refused.host}>
          <Input mono readOnly={present !== null} placeholder="ghcr.io" {...field('host')} />
        </Field>
        <Field label="User name" error={errors.username ?? refused.username}>
          <Input mono autoComplete="off" {...field('username')} />
        </Field>
        <Field
          label="Password or access token"
          hint="Read access is enough. Stored encrypted and never shown again."
          error={errors.password ?? refused.password}
        >
          <Input mono type="password" autoComplete="new-password" {...field('password')} />
        </Field>
        {save.error && Object.keys(refused).length === 0 && <ProblemNotice error={save.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
