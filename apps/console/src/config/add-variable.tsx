'use client'

import { configKeySchema, RESERVED_CONFIG_KEYS } from '@slipway/domain'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input, TextArea } from '#ui/input.tsx'

interface AddVariableProps {
  /** Name that the address asks for: filled in, and only its value is to be typed. */
  asked: string
  onStage: (key: string, value: string) => void
}

function problemWith(key: string): string | null {
  if (RESERVED_CONFIG_KEYS.has(key)) return `Slipway sets ${key} itself.`
  const parsed = configKeySchema.safeParse(key)
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'This is not a variable name.')
}

/** A line for one more variable. */
export function AddVariable({ asked, onStage }: AddVariableProps) {
  const [key, setKey] = useState(asked)
  const [value, setValue] = useState('')
  const [error, setError] = useState<string | null>(null)
  const submit = () => {
    const problem = problemWith(key)
    setError(problem)
    if (problem) return
    onStage(key, value)
    setKey('')
    setValue('')
  }
  return (
    <form
      className="flex flex-wrap items-start gap-2 border-t px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Field label="Name" hideLabel error={error} className="flex-1 basis-48">
        <Input
          mono
          placeholder="DATABASE_URL"
          value={key}
          autoComplete="off"
          onChange={(event) => setKey(event.target.value.trim())}
        />
      </Field>
      <Field label="Value" hideLabel className="flex-[2] basis-64">
        <TextArea
          mono
          placeholder="value"
          rows={1}
          autoFocus={asked !== ''}
          className="min-h-8"
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </Field>
      <Button type="submit" disabled={key === ''}>
        <Plus aria-hidden />
        Stage
      </Button>
    </form>
  )
}
