import type { CommitsBetween } from '@slipway/domain'

/** The commits of two releases and the apps in whose repositories they may be, the likeliest first. */
export interface CommitQuery {
  apps: readonly string[]
  from: string
  to: string
}

/** What repositories know of commits. */
export interface CommitHistory {
  /** Throws `unavailable` while the repositories cannot be reached. */
  between(query: CommitQuery): Promise<CommitsBetween>
}
