'use client'

import { slugify } from '@slipway/domain'
import { type ReactNode, useState } from 'react'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

interface SlugFieldsProps {
  /** "Team", "Project". */
  kind: string
  placeholder?: string
  hint?: ReactNode
  value: { name: string; slug: string }
  onChange: (value: { name: string; slug: string }) => void
  errors: { name?: string; slug?: string }
  /** Comes before the slug in addresses: "localhost:3000/acme/". */
  prefix?: string
  /** On pages that ask nothing else. */
  autoFocus?: boolean
}

/** A display name and the slug made from it, until the slug is edited by hand. */
export function SlugFields({ kind, placeholder, hint, value, onChange, errors, prefix, autoFocus }: SlugFieldsProps) {
  const [ownSlug, setOwnSlug] = useState(false)
  return (
    <>
      <Field label={`${kind} name`} hint={hint} error={errors.name}>
        <Input
          value={value.name}
          placeholder={placeholder}
          maxLength={80}
          autoComplete="off"
          autoFocus={autoFocus}
          onChange={(event) => {
            const name = event.target.value
            onChange({ name, slug: ownSlug ? value.slug : slugify(name) })
          }}
        />
      </Field>
      <Field
        label={`${kind} address`}
        hint={
          <span className="break-all font-mono">
            {prefix}
            {value.slug || '…'}
          </span>
        }
        error={errors.slug}
      >
        <Input
          mono
          value={value.slug}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => {
            setOwnSlug(true)
            onChange({ name: value.name, slug: event.target.value })
          }}
        />
      </Field>
    </>
  )
}
