import type { ConfigVarView } from '@slipway/domain'

/** Staged edits by key: a new value, or null for "remove it". */
export type ConfigDraft = Readonly<Record<string, string | null>>

export interface StagedChange {
  key: string
  change: 'added' | 'changed' | 'removed'
  /** Null when it is removed. */
  value: string | null
}

/** What a draft would change, by key. */
export function stagedChanges(draft: ConfigDraft, present: readonly ConfigVarView[]): StagedChange[] {
  const known = new Set(present.map(({ key }) => key))
  return Object.entries(draft)
    .filter(([key, value]) => value !== null || known.has(key))
    .map(([key, value]): StagedChange => {
      if (value === null) return { key, change: 'removed', value }
      return { key, change: known.has(key) ? 'changed' : 'added', value }
    })
    .sort((a, b) => a.key.localeCompare(b.key))
}

/** A draft without one key. */
export function unstage(draft: ConfigDraft, key: string): ConfigDraft {
  const { [key]: _gone, ...rest } = draft
  return rest
}

/** The input of `config.update`: what is set and what is unset. */
export function toInput(changes: readonly StagedChange[]): { set: Record<string, string>; unset: string[] } {
  const set: Record<string, string> = {}
  const unset: string[] = []
  for (const { key, value } of changes) {
    if (value === null) unset.push(key)
    else set[key] = value
  }
  return { set, unset }
}
