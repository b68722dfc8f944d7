import { ApiError, badRequest, type FieldError, invalid } from '../../types/errors.ts'
import { forbiddenField, notSupported } from '../validation/fields.ts'
import { flag } from './request-info.ts'

/** What a list or watch asks for, selectors aside. */
export interface ListOptions {
  /** 0: everything. */
  limit: number
  continueToken: string
  resourceVersion: string
  resourceVersionMatch: string
  /** A watch begins with what there is. */
  sendInitialEvents: boolean
  timeoutSeconds: number
}

/**
 * Reads and checks the options of a list or watch. Reference: apis/meta/internalversion/validation.ValidateListOptions.
 * @throws ApiError 400 for numbers that are none, 422 for options that do not go together.
 */
export function listOptions(query: URLSearchParams): ListOptions {
  const watch = flag(query, 'watch')
  const [limit, timeoutSeconds] = [integer(query, 'limit'), integer(query, 'timeoutSeconds')]
  const resourceVersion = query.get('resourceVersion') ?? ''
  const given = query.get('resourceVersionMatch') ?? ''
  const continueToken = query.get('continue') ?? ''
  const asked = (query.get('sendInitialEvents') ?? '') !== ''
  // Watches from nowhere in particular begin with what there is, as they always did.
  const legacy = watch && !asked && given === '' && (resourceVersion === '' || resourceVersion === '0')
  const match = legacy ? notOlderThan : given
  const choice = { resourceVersion, match, continueToken, sends: asked || legacy }
  const errors = watch ? wrongForWatch(choice) : wrongForList(choice)
  if (errors.length > 0) throw invalid({ apiVersion: 'meta.k8s.io/v1', kind: 'ListOptions' }, '', errors)
  return {
    limit: Math.max(0, limit),
    continueToken,
    resourceVersion,
    resourceVersionMatch: match,
    sendInitialEvents: legacy || (asked && flag(query, 'sendInitialEvents')),
    timeoutSeconds: Math.max(0, timeoutSeconds),
  }
}

const [exact, notOlderThan] = ['Exact', 'NotOlderThan']
const matchField = 'resourceVersionMatch'

interface Choice {
  resourceVersion: string
  match: string
  continueToken: string
  sends: boolean
}

function wrongForList({ resourceVersion, match, continueToken, sends }: Choice): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (why: string) => errors.push(forbiddenField(matchField, why))
  if (match !== '') {
    if (resourceVersion === '') refuse(`${matchField} is forbidden unless resourceVersion is provided`)
    if (continueToken !== '') refuse(`${matchField} is forbidden when continue is provided`)
    if (match !== exact && match !== notOlderThan)
      errors.push(notSupported(matchField, match, [exact, notOlderThan, '']))
    if (match === exact && resourceVersion === '0') refuse(`${matchField} "exact" is forbidden for resourceVersion "0"`)
  }
  if (sends) errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return errors
}

function wrongForWatch({ match, continueToken, sends }: Choice): FieldError[] {
  const errors: FieldError[] = []
  const refuse = (why: string) => errors.push(forbiddenField(matchField, why))
  if (sends && match !== notOlderThan) refuse(`sendInitialEvents requires setting ${matchField} to ${notOlderThan}`)
  if (match === '') return errors
  if (!sends) refuse(`${matchField} is forbidden for watch unless sendInitialEvents is provided`)
  if (match !== notOlderThan) errors.push(notSupported(matchField, match, [notOlderThan]))
  if (continueToken !== '') refuse(`${matchField} is forbidden when continue is provided`)
  return errors
}

function integer(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? ''
  if (text === '') return 0
  if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
  return Number(text)
}

/** The number of a resourceVersion; undefined for one that is none. */
export function revisionOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** What is said of a resourceVersion that is no number. */
export const noRevision = (text: string) =>
  `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`

/** 504: the client asks for a state that has not been reached; it may come. */
export function tooLargeRevision(wanted: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`
  return new ApiError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}
