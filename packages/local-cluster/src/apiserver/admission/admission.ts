import type { JsonObject } from '../../types/objects.ts'
import type { ResourceType } from '../../types/resources.ts'

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE'
  type: ResourceType
  namespace: string | undefined
  name: string
  /** Mutating plugins change it in place. */
  object: JsonObject
  /** The stored object; undefined for CREATE. */
  old: JsonObject | undefined
  subresource: string | undefined
  /** Texts for `Warning` headers. */
  warnings: string[]
}

/** One admission plugin; it refuses by throwing an ApiError. */
export interface AdmissionPlugin {
  name: string
  mutate?(request: AdmissionRequest): void
  validate?(request: AdmissionRequest): void
}
