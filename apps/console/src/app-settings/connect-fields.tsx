'use client'

import type { GitHost } from '@slipway/domain'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Select } from '#ui/select.tsx'

export const HOSTS: { value: GitHost; label: string }[] = [
  { value: 'github', label: 'GitHub' },
  { value: 'gitlab', label: 'GitLab' },
  { value: 'gitea', label: 'Gitea or Forgejo' },
]

export interface ConnectDraft {
  host: GitHost
  repositoryUrl: string
  branch: string
  accessToken: string
}
export const NO_REPOSITORY: ConnectDraft = { host: 'github', repositoryUrl: '', branch: 'main', accessToken: '' }

/** The host that an address most likely belongs to; null where it says nothing. */
function hostOfAddress(address: string): GitHost | null {
  const name = URL.canParse(address) ? new URL(address).hostname : ''
  if (/(^|\.)github\./.test(name)) return 'github'
  if (/(^|\.)gitlab\./.test(name)) return 'gitlab'
  return /gitea|forgejo|codeberg/.test(name) ? 'gitea' : null
}

interface ConnectFieldsProps {
  draft: ConnectDraft
  onChange: (part: Partial<ConnectDraft>) => void
  errorOf: (field: keyof ConnectDraft) => string | undefined
}

/** A repository elsewhere: which it is, its branch, and how to read it. */
export function ConnectFields({ draft, onChange, errorOf }: ConnectFieldsProps) {
  const changeAddress = (repositoryUrl: string) => {
    const host = hostOfAddress(repositoryUrl)
    onChange({ repositoryUrl, ...(host ? { host } : {}) })
  }
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[12rem_minmax(0,1fr)_10rem]">
        <Field label="Git host">
          <Select value={draft.host} onValueChange={(host) => onChange({ host })} options={HOSTS} />
        </Field>
        <Field label="Repository" hint="The http(s) address to clone from." error={errorOf('repositoryUrl')}>
          <Input
            mono
            placeholder="https://github.com/acme/shop.git"
            value={draft.repositoryUrl}
            onChange={(event) => changeAddress(event.target.value.trim())}
          />
        </Field>
        <Field label="Branch" error={errorOf('branch')}>
          <Input mono value={draft.branch} onChange={(event) => onChange({ branch: event.target.value.trim() })} />
        </Field>
      </div>
      <Field
        label="Access token"
        hint="Only for private repositories: a token that can read this one. Stored encrypted and never shown again."
        error={errorOf('accessToken')}
      >
        <Input
          mono
          type="password"
          autoComplete="off"
          value={draft.accessToken}
          onChange={(event) => onChange({ accessToken: event.target.value })}
        />
      </Field>
    </>
  )
}
