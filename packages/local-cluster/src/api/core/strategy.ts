import type { StructSchema } from '../../schema/schema.ts'
import type { FieldError } from '../errors.ts'
import type { JsonObject, KubernetesObject } from '../objects.ts'
import type { ResourceType } from '../resources.ts'

/** What a kind's rules may look at besides the object. */
export interface StrategyContext {
  now(): string
  /** Allocates a free ClusterIP. */
  allocateClusterIp(): string
}

/** What a kind does differently from all others. Every function may change the object it is given. */
export interface KindRules {
  type: ResourceType
  shortNames?: string[]
  categories?: string[]
  /** Serves `/status`; then writes of the object leave `status` alone, and the other way round. */
  hasStatus?: boolean
  /** Serves `/scale` over `spec.replicas`. */
  hasScale?: boolean
  /** `metadata.generation` counts changes of the desired state. */
  generation?: 'spec' | 'specAndAnnotations' | 'everything'
  /** The Go type's zero value: what managedFields compares a created object with. */
  zero?: JsonObject
  /** PUT on a name that does not exist creates it. */
  createsOnUpdate?: boolean
  /** DELETE answers with the removed object instead of a Status. */
  returnsDeleted?: boolean
  defaults?(object: JsonObject): void
  /** Of `status`, where that is written. */
  statusDefaults?(object: JsonObject): void
  prepareForCreate?(object: JsonObject, context: StrategyContext): void
  prepareForUpdate?(object: JsonObject, old: JsonObject, context: StrategyContext): void
  /** Names that are more than an RFC 1123 subdomain. */
  validateName?(name: string): string[]
  validate?(object: JsonObject): FieldError[]
  /** What only a new object is held against. */
  validateCreate?(object: JsonObject): FieldError[]
  validateUpdate?(object: JsonObject, old: JsonObject): FieldError[]
  /** What is allowed and probably not meant: said in `Warning` headers. @param old undefined for a new object. */
  warnings?(object: JsonObject, old?: JsonObject): string[]
  /** Field selectors besides metadata.name and metadata.namespace. */
  fieldLabels?: Record<string, (object: KubernetesObject) => string>
}

export interface KindStrategy extends KindRules {
  schema: StructSchema
}
