import type { AppRef } from '../refs.ts'
import type { ReleaseView } from './app.ts'
import type { CommitsBetween, ProcessDifference } from './release-diff.ts'

/** What promoting a release would do, before it is done. */
export interface PromotionPlanView {
  /** The app of the same name in the environment that is promoted to. */
  target: AppRef
  /** False: it would be created, with the settings and sizes of the app that is promoted. */
  exists: boolean
  /** The release that the target points at; null where nothing is deployed there. */
  current: number | null
  /** Its image; null where there is none. */
  currentImage: string | null
  image: string
  commits: CommitsBetween
  processes: ProcessDifference[]
  /** Config vars that the promoted release has and the target has not, by name: the target runs with its own config. */
  missingConfig: string[]
  /** Why it would be refused at the moment, such as for the quota; null where it would not. */
  refusal: string | null
}

/** The release that a promotion made, and of which app. */
export interface PromotedView {
  app: AppRef
  release: ReleaseView
}
