import type { IncomingMessage } from 'node:http'
import { type FieldError, invalid } from '../../types/errors.ts'
import type { Json } from '../../types/objects.ts'
import type { WriteContext } from '../core/request.ts'
import { forbiddenField, notSupported, required } from '../validation/fields.ts'
import { validateManagerName } from '../validation/manager-name.ts'
import { fieldManagerOf } from './request-info.ts'

const validations = ['', 'Ignore', 'Strict', 'Warn']

/** `force` of an apply: anything but `false` and `0` is yes, nothing at all is not there. */
export function forceOf(query: URLSearchParams): boolean | undefined {
  const value = query.get('force')
  return value === null ? undefined : !['false', '0'].includes(value.toLowerCase())
}

/** What of a request says how it wants to write. */
interface Asked {
  parsed: { query: URLSearchParams }
  request: IncomingMessage
  /** Where warnings go, for the answer and for a refusal. */
  warnings: string[]
}

/** @throws ApiError 422 with everything that is wrong in the query of a write. */
export function writeContext(
  { parsed, request, warnings }: Asked,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  isApply = false,
): WriteContext {
  const { query } = parsed
  const validation = query.get('fieldValidation') ?? ''
  const errors: FieldError[] = []
  if (kind === 'PatchOptions' && !isApply && query.has('force')) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  }
  if (isApply && (query.get('fieldManager') ?? '') === '') {
    errors.push(required('fieldManager', 'is required for apply patch'))
  }
  errors.push(
    ...validateManagerName(query.get('fieldManager') ?? '', 'fieldManager'),
    ...dryRunErrors(query.getAll('dryRun')),
  )
  if (!validations.includes(validation)) errors.push(notSupported('fieldValidation', validation, validations))
  if (errors.length > 0) throw invalid({ apiVersion: 'meta.k8s.io/v1', kind }, '', errors)
  return {
    fieldManager: fieldManagerOf(request, query),
    dryRun: query.has('dryRun'),
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    warnings,
  }
}

export function dryRunErrors(values: Json[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])]
}
