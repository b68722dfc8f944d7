import { type Builder, connectSourceInput, createAppInput, type SizeName, slugify } from '@slipway/domain'
import { type ConnectDraft, NO_REPOSITORY } from '#app-settings/connect-fields.tsx'
import { fieldErrors } from '#lib/form.ts'
import type { PartialPlace } from './place-fields.tsx'
import { isBuilt, type SourceKind } from './source-choice.tsx'

/** The form of a new app. */
export interface NewAppDraft {
  app: string
  kind: SourceKind
  image: string
  command: string
  size: SizeName
  repository: ConnectDraft
  rootDirectory: string
  builder: Builder
}

export const EMPTY_DRAFT: NewAppDraft = {
  app: '',
  kind: 'git',
  image: '',
  command: '',
  size: 'micro',
  repository: NO_REPOSITORY,
  rootDirectory: '',
  builder: 'automatic',
}

/** A first guess for the name: the last part of the image's name, or the repository's. */
export function suggestedName({ kind, image, repository }: NewAppDraft): string {
  if (kind === 'image') return slugify(image.split('@')[0]?.split('/').at(-1)?.split(':')[0] ?? '')
  if (kind !== 'repository') return ''
  return slugify(
    repository.repositoryUrl
      .replace(/\/+$/, '')
      .replace(/\/?\.git$/, '')
      .split('/')
      .slice(3)
      .at(-1) ?? '',
  )
}

/** A changed draft, whose name follows the suggestion until somebody types one. */
export function withChange(last: NewAppDraft, part: Partial<NewAppDraft>): NewAppDraft {
  const next = { ...last, ...part }
  const untouched = last.app === '' || last.app === suggestedName(last)
  return part.app === undefined && untouched ? { ...next, app: suggestedName(next) || last.app } : next
}

/** Input of app.create. */
export function createInputOf(place: PartialPlace, draft: NewAppDraft) {
  const { kind, image, rootDirectory, builder } = draft
  const source =
    kind === 'image'
      ? ({ kind: 'image', image, command: draft.command.trim() || undefined, size: draft.size } as const)
      : ({ kind: 'git' } as const)
  return { ...place, app: draft.app, source, settings: isBuilt(kind) ? { rootDirectory, builder } : {} }
}

/** Input of source.connect, without the app. */
export function connectInputOf({ repository }: NewAppDraft) {
  return { ...repository, accessToken: repository.accessToken || undefined }
}

const ANY_APP = { team: 'a', project: 'a', environment: 'a', app: 'a' }

/** What is wrong, by dotted path; fields of the repository are under `repository`. */
export function newAppErrors(place: PartialPlace, draft: NewAppDraft): Record<string, string> {
  const errors = fieldErrors(createAppInput, createInputOf(place, draft))
  if (draft.kind !== 'repository') return errors
  const wrong = fieldErrors(connectSourceInput, { ...ANY_APP, ...connectInputOf(draft) })
  return { ...errors, ...Object.fromEntries(Object.entries(wrong).map(([path, text]) => [`repository.${path}`, text])) }
}
