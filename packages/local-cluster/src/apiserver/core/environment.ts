import { shared } from '../../store/shared.ts'
import type { ObjectStore } from '../../store/store.ts'
import { type FieldError, invalid } from '../../types/errors.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import type { ResourceType } from '../../types/resources.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts'
import { tooLong } from '../validation/fields.ts'
import { defaultValidateName, validateMetadata } from '../validation/metadata.ts'
import { asJson, asObject } from './decode-body.ts'
import type { KindStrategy, StrategyContext } from './strategy.ts'

/** What every write needs. Writes run to their end without yielding, so each sees and leaves a consistent state. */
export interface CoreEnvironment extends StrategyContext {
  store: ObjectStore
  admission: AdmissionPlugin[]
  strategyOf(type: { apiVersion: string; kind: string }): KindStrategy
}

/** Largest object: etcd's request limit. */
const mostObjectBytes = 1_572_864

/** Runs the mutating, then the validating half of admission around `between`. */
export function admit(environment: CoreEnvironment, request: AdmissionRequest, between: () => void): void {
  for (const plugin of environment.admission) plugin.mutate?.(request)
  between()
  for (const plugin of environment.admission) plugin.validate?.(request)
}

/** @throws ApiError 422 with everything that is wrong. */
export function validateObject(strategy: KindStrategy, object: JsonObject, more: FieldError[] = []): void {
  const { type } = strategy
  const typed = asObject(object)
  const errors = validateMetadata(typed, type.namespaced, strategy.validateName ?? defaultValidateName)
  errors.push(...(strategy.validate?.(object) ?? []), ...more)
  if (errors.length > 0) throw invalid(type, typed.metadata.name, errors)
}

/**
 * The object as it will be on the wire, without undefined keys, sharing with `existing` what it has in common with it.
 * @throws ApiError 422 where it is too large to store.
 */
export function finish(type: ResourceType, object: JsonObject, existing?: KubernetesObject): KubernetesObject {
  const { metadata } = asObject(object)
  for (const key of ['labels', 'annotations'] as const) {
    if (Object.keys(metadata[key] ?? { kept: '' }).length === 0) delete metadata[key]
  }
  const made = shared(object, existing === undefined ? undefined : asJson(existing)) as JsonObject
  if (Buffer.byteLength(JSON.stringify(made)) > mostObjectBytes) {
    throw invalid(type, metadata.name, [tooLong('[]', mostObjectBytes)])
  }
  return asObject(made)
}
