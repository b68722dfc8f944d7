'use client'

import { savedFilterSchema } from '@slipway/domain'
import { type FormEvent, useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { fieldErrors } from '#lib/form.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Popover } from '#ui/popover.tsx'
import type { useSavedFilters } from './use-saved-filters.ts'

interface SaveFilterProps {
  /** The view's address. */
  query: string
  saved: Pick<ReturnType<typeof useSavedFilters>, 'filters' | 'save'>
}

/** Asks for a name, and keeps the present view under it. */
export function SaveFilter({ query, saved: { filters, save } }: SaveFilterProps) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [tried, setTried] = useState(false)
  const errors = fieldErrors(savedFilterSchema, { name, query })
  const replaces = filters.some((filter) => filter.name === name.trim())
  const change = (next: boolean) => {
    setOpen(next)
    setName('')
    setTried(false)
    save.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(errors).length === 0) save.mutate({ name, query }, { onSuccess: () => change(false) })
  }
  const error = save.error ? problemOf(save.error).message : tried ? (errors.name ?? errors.query) : undefined
  return (
    <Popover
      open={open}
      onOpenChange={change}
      label="Save this filter"
      trigger={<Button variant="ghost">Save filter</Button>}
    >
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field
          label="Name of the filter"
          hint={replaces ? 'Replaces the one of that name.' : 'Only you see it, on every device.'}
          error={error}
        >
          <Input autoFocus autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Button type="submit" variant="primary" pending={save.isPending}>
          Save
        </Button>
      </form>
    </Popover>
  )
}
