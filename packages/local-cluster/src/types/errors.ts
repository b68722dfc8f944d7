import type { KubernetesObject, Status, StatusCause, StatusDetails } from './objects.ts'
import { groupOf, groupResourceName, type ResourceType } from './resources.ts'

/**
 * A refusal in the API server's own words: what it answers over HTTP is `error.status`, in process it is thrown.
 * Reference: k8s.io/apimachinery/pkg/api/errors.
 */
export class ApiError extends Error {
  readonly status: Status
  override readonly name = 'ApiError'

  constructor(code: number, reason: string | undefined, message: string, details?: StatusDetails) {
    super(message)
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    }
  }

  get code(): number {
    return this.status.code ?? 500
  }

  get reason(): string {
    return this.status.reason ?? ''
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NotFound'
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'AlreadyExists'
}

/**
 * A write lost against another one: read again and retry. That is a 409 with reason Conflict, and the 422 of a patch that names
 * the uid of an object which has gone and come again.
 */
export function isConflict(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.reason === 'Conflict') return true
  const causes = error.reason === 'Invalid' ? (error.status.details?.causes ?? []) : []
  return causes.some(({ field }) => field === 'metadata.uid')
}

/** True when a create failed because its namespace is on the way out. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
  )
}

/** As much of a type as a message needs. */
type NamedResource = Pick<ResourceType, 'apiVersion' | 'plural'>

/** `details` with the resource (not the kind), as most errors carry it. */
function resourceDetails(type: NamedResource, name: string, causes?: StatusCause[]): StatusDetails {
  const group = groupOf(type)
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: type.plural,
    ...(causes === undefined ? {} : { causes }),
  }
}

export function notFound(type: ResourceType, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${groupResourceName(type)} "${name}" not found`, resourceDetails(type, name))
}

/** @param present who has the name; one that is on its way out is told of as such */
export function alreadyExists(type: ResourceType, { metadata }: Pick<KubernetesObject, 'metadata'>): ApiError {
  const going = metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: '
  const message = `${going}${groupResourceName(type)} "${metadata.name}" already exists`
  return new ApiError(409, 'AlreadyExists', message, resourceDetails(type, metadata.name))
}

export function conflict(type: ResourceType, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${groupResourceName(type)} "${name}": ${why}`
  return new ApiError(409, 'Conflict', message, resourceDetails(type, name))
}

export const modifiedMessage =
  'the object has been modified; please apply your changes to the latest version and try again'

export function forbidden(type: NamedResource, name: string, why: string, causes?: StatusCause[]): ApiError {
  const message =
    name === ''
      ? `${groupResourceName(type)} is forbidden: ${why}`
      : `${groupResourceName(type)} "${name}" is forbidden: ${why}`
  return new ApiError(403, 'Forbidden', message, resourceDetails(type, name, causes))
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function methodNotSupported(type: ResourceType, verb: string): ApiError {
  const message = `${verb} is not supported on resources of kind "${groupResourceName(type)}"`
  return new ApiError(405, 'MethodNotAllowed', message, resourceDetails(type, ''))
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized')
}

/** 410: the resourceVersion is older than the history that is kept. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  })
}

/** One refused field; `message` is already Kubernetes' wording ("Invalid value: -1: must be ..."). */
export interface FieldError {
  reason:
    | 'FieldValueInvalid'
    | 'FieldValueRequired'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueNotFound'
  field: string
  message: string
}

/** 422 with all refused fields. Identical ones are said once, as the real server does. */
export function invalid(type: { apiVersion: string; kind: string }, name: string, errors: FieldError[]): ApiError {
  const group = groupOf(type)
  const qualifiedKind = group === '' ? type.kind : `${type.kind}.${group}`
  const said = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))]
  const list = said.length === 1 ? said[0] : `[${said.join(', ')}]`
  return new ApiError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: type.kind,
    causes: errors.map((error) => ({ reason: error.reason, message: error.message, field: error.field })),
  })
}
