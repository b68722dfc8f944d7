import { ApiError } from '../errors.ts'
import type { KubernetesObject } from '../objects.ts'

/** The form in which a client wants objects. */
export type Representation = 'object' | 'table' | 'metadata'

/**
 * Reads `Accept`: JSON, `;as=Table` or `;as=PartialObjectMetadata[List]`, in the client's order of preference.
 * @throws ApiError 406 where none of these is acceptable.
 */
export function negotiate(accept: string | undefined): Representation {
  if (accept === undefined || accept.trim() === '') return 'object'
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const values = new Map(parameters.map((parameter) => [parameter.split('=')[0], parameter.split('=')[1]]))
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    const as = values.get('as')
    if (as === undefined) return 'object'
    if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') continue
    if (as === 'Table') return 'table'
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata'
  }
  throw new ApiError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    {},
  )
}

export function partialMetadata(object: KubernetesObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
