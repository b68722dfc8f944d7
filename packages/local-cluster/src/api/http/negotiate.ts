import { ApiError } from '../errors.ts'
import type { KubernetesObject } from '../objects.ts'

/** The form in which a client wants objects. */
export type Representation = 'object' | 'table' | 'metadata' | 'metadataList'

interface Choice {
  representation: Representation
  yaml: boolean
}

const served = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
/** Most clauses of one header that are looked at. */
const mostClauses = 64

/** What a clause of `Accept` asks for; null where that is not served. Protocol Buffers are read, but not written. */
function choiceOf(clause: string): Choice | null {
  const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
  const yaml = type === 'application/yaml'
  if (!yaml && type !== 'application/json' && type !== '*/*') return null
  const values = new Map(parameters.map((parameter) => [parameter.split('=')[0], parameter.split('=')[1]]))
  const [as, version] = [values.get('as'), values.get('v')]
  if (as === undefined) return { representation: 'object', yaml }
  if (values.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return null
  if (as === 'Table') return { representation: 'table', yaml }
  if (as === 'PartialObjectMetadataList') return { representation: 'metadataList', yaml }
  return as === 'PartialObjectMetadata' ? { representation: 'metadata', yaml } : null
}

/** The first clause that is served, in the client's order of preference. */
function choose(accept: string | undefined): Choice | null {
  if (accept === undefined || accept.trim() === '') return { representation: 'object', yaml: false }
  const clauses = accept.split(',').slice(0, mostClauses)
  const weighed = accept.includes('q=') ? clauses.sort((a, b) => weightOf(b) - weightOf(a)) : clauses
  for (const clause of weighed) {
    const choice = choiceOf(clause)
    if (choice !== null) return choice
  }
  return null
}

function weightOf(clause: string): number {
  const text = /;\s*q=([\d.]+)/.exec(clause)?.[1]
  return text === undefined ? 1 : Number(text)
}

/**
 * Reads `Accept`: JSON or YAML, `;as=Table` or `;as=PartialObjectMetadata[List]`.
 * @throws ApiError 406 where none of these is acceptable.
 */
export function negotiate(accept: string | undefined): Representation {
  const choice = choose(accept)
  if (choice !== null) return choice.representation
  throw refused(accept)
}

/** The types of a header without their parameters. */
const typesOf = (accept: string) => accept.split(',').map((clause) => clause.split(';')[0]?.trim() ?? '')

/** A type that nobody serves is refused before anybody looks at what is asked of it. */
function refused(accept = ''): ApiError {
  if (typesOf(accept).some((type) => type === '*/*' || served.includes(type))) return notAcceptable(served)
  return new ApiError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${served.join(', ')}`,
    {},
  )
}

/** As `negotiate`, for a watch: YAML can not be streamed. */
export function negotiateWatch(accept: string | undefined): Representation {
  const choice = choose(accept)
  if (choice !== null && !choice.yaml) return choice.representation
  throw notAcceptable(['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'])
}

/** True where the client reads YAML rather than JSON. */
export function prefersYaml(accept: string | undefined): boolean {
  return accept?.includes('yaml') === true && choose(accept)?.yaml === true
}

function notAcceptable(types: string[]): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)
}

/**
 * Holds what is asked for to what there is. @throws ApiError 406 for the form of a list where there is one object, and the other way
 * round.
 */
export function checkMetadataForm(representation: Representation, kind: string, isList: boolean): void {
  if (representation === 'metadata' && isList) {
    throw mismatch(`you requested PartialObjectMetadata, but the requested object is a list (*${kind}List)`)
  }
  if (representation === 'metadataList' && !isList) {
    throw mismatch(`you requested PartialObjectMetadataList, but the requested object is not a list (*${kind})`)
  }
}

const mismatch = (why: string) => new ApiError(406, 'NotAcceptable', why)

export function partialMetadata(object: KubernetesObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
