'use client'

import { buildVarPatternSchema, isBuildVar } from '@slipway/domain'
import { X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'

interface VarChipsProps {
  label: string
  patterns: readonly string[]
  onChange: (patterns: string[]) => void
  /** Names of the app's config vars; undefined while they are not known. */
  known: readonly string[] | undefined
  hint?: string | undefined
  error?: string | undefined
}

/** Which of the app's config vars a pattern means, in words. */
function describeMatches(pattern: string, known: readonly string[]): string {
  const found = known.filter((key) => isBuildVar([pattern], key))
  if (!pattern.endsWith('*')) return found.length > 0 ? 'set' : 'not set yet'
  if (found.length === 0) return 'matches none yet'
  if (found.length <= 3) return `matches ${found.join(', ')}`
  return `matches ${found.slice(0, 2).join(', ')} and ${found.length - 2} more`
}

function Chip({
  pattern,
  known,
  onRemove,
}: {
  pattern: string
  known: readonly string[] | undefined
  onRemove: () => void
}) {
  return (
    <li className="flex min-w-0 items-center gap-2 rounded-md border bg-sunken py-0.5 pr-0.5 pl-2.5 text-xs">
      <span className="flex min-w-0 flex-wrap gap-x-2">
        <span className="max-w-full break-all font-mono text-ink">{pattern}</span>
        {known && <span className="min-w-0 break-all text-ink-3">{describeMatches(pattern, known)}</span>}
      </span>
      <Button variant="ghost" size="iconSm" className="size-6" aria-label={`Remove ${pattern}`} onClick={onRemove}>
        <X aria-hidden />
      </Button>
    </li>
  )
}

/** Names of config vars, and prefixes with an asterisk, as chips. Enter, a comma or a space ends one. */
export function VarChips({ label, patterns, onChange, known, hint, error }: VarChipsProps) {
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState<string | undefined>()
  const add = (typed: string) => {
    const parts = typed.split(/[\s,]+/).filter(Boolean)
    if (parts.length === 0) return
    const problem = parts.map((part) => buildVarPatternSchema.safeParse(part).error?.issues[0]?.message).find(Boolean)
    setWrong(problem)
    if (problem) return
    onChange([...new Set([...patterns, ...parts])])
    setText('')
  }
  const suggestions = (known ?? []).filter((key) => !isBuildVar(patterns, key))
  const listId = `${label.replace(/\W+/g, '-')}-known`
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex min-w-0 items-start gap-2">
        <Field label={label} hint={hint} error={wrong ?? error} className="flex-1">
          <Input
            mono
            list={listId}
            placeholder="NEXT_PUBLIC_* or SENTRY_DSN"
            value={text}
            onChange={(event) => {
              setWrong(undefined)
              if (/[\s,]$/.test(event.target.value)) add(event.target.value)
              else setText(event.target.value)
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              add(text)
            }}
            onBlur={() => add(text)}
          />
        </Field>
        <Button className="mt-[1.6rem]" disabled={text === ''} onClick={() => add(text)}>
          Add
        </Button>
      </div>
      <datalist id={listId}>
        {suggestions.map((key) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      {patterns.length > 0 && (
        <ul aria-label={label} className="flex min-w-0 flex-wrap gap-1.5">
          {patterns.map((pattern) => (
            <Chip
              key={pattern}
              pattern={pattern}
              known={known}
              onRemove={() => onChange(patterns.filter((each) => each !== pattern))}
            />
          ))}
        </ul>
      )}
    </div>
  )
}
