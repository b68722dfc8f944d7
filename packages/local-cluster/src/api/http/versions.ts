import { asJson, asObject, decodeBody } from '../core/decode-body.ts'
import type { WriteContext } from '../core/request.ts'
import { invalid } from '../errors.ts'
import type { Json, KubernetesObject } from '../objects.ts'
import type { ResourceType } from '../resources.ts'
import type { ResourceRequest } from './request-info.ts'

/** The type as the request names it. */
export function namedType({ strategy, view }: ResourceRequest): ResourceType {
  return view?.type ?? strategy.type
}

/** A stored object in the version that the request names; other objects (a Scale, a Status) as they are. */
export function inVersion({ strategy, view }: ResourceRequest, object: KubernetesObject): KubernetesObject {
  if (view === undefined || object.apiVersion !== strategy.type.apiVersion || object.kind !== strategy.type.kind) {
    return object
  }
  return asObject(view.toView(asJson(object)))
}

/** A body of the version that the request names, as it is stored. @throws ApiError for what that version refuses. */
export function storedBody(
  { view }: ResourceRequest,
  body: Json,
  context: WriteContext,
  operation: 'create' | 'update',
): Json {
  if (view === undefined) return body
  const stored = view.toStored(decodeBody(view, body, context))
  const errors = operation === 'create' ? (view.validateCreate?.(stored) ?? []) : []
  if (errors.length > 0) throw invalid(view.type, asObject(stored).metadata.name ?? '', errors)
  return stored
}
