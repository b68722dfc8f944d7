import type { ConfigChange, ReleaseView } from './app.ts'

/** A config var that differs between two releases; lengths in characters, null where it is not set. */
export interface ConfigDifference extends ConfigChange {
  beforeLength: number | null
  afterLength: number | null
}

/** The values of a config var in two releases, for those who may see them; null where it is not set. */
export interface ConfigValues {
  key: string
  before: string | null
  after: string | null
}

/** A process that differs between two releases. */
export interface ProcessDifference {
  name: string
  change: 'added' | 'changed' | 'removed'
  /** What it is made of, in words; null where one of them does not have it. */
  fields: { field: string; before: string | null; after: string | null }[]
}

/** One commit as lists show it. */
export interface CommitView {
  commit: string
  /** First line of its message. */
  subject: string
  author: string
  at: string
}

/** The commits between two releases, newest first. */
export interface CommitsBetween {
  /** What the second has and the first has not. */
  added: CommitView[]
  /** What the first has and the second has not. */
  removed: CommitView[]
  /** There are more than these. */
  hasMore: boolean
  /** What is missing here and why, in a sentence; null where nothing is. */
  note: string | null
}

/** A Kubernetes object that differs between two releases, as a unified diff of its YAML. Values of Secrets are masked. */
export interface ManifestDifference {
  kind: string
  name: string
  change: 'added' | 'changed' | 'removed'
  diff: string
}

/** What differs between two releases of an app; `from` may be the newer one. */
export interface ReleaseDiffView {
  from: ReleaseView
  to: ReleaseView
  commits: CommitsBetween
  config: ConfigDifference[]
  processes: ProcessDifference[]
  manifests: {
    objects: ManifestDifference[]
    /** Why they are not all here, in a sentence; null where they are. */
    note: string | null
  }
}
