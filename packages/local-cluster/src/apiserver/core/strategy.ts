import type { FieldError } from '../../types/errors.ts'
import type { JsonObject, KubernetesObject } from '../../types/objects.ts'
import type { ResourceType } from '../../types/resources.ts'
import type { StructSchema } from '../schema/schema.ts'

/** Addresses of Services. */
export interface Addresses {
  /** A free one. @throws ApiError 500 where there is none. */
  allocate(): string
  /** Why a Service can not have this one; null where it can. */
  refusal(address: string): string | null
}

/** Ports of the node for Services. */
export interface Ports {
  /** What one write takes. @param dryRun nothing is written: the range is not looked at, and a port that is chosen is only an example */
  claim(dryRun: boolean): PortClaim
}

/** The ports that one write takes, until it is stored. */
export interface PortClaim {
  /** Takes this port. Why it can not be had; null where it could. */
  take(port: number): string | null
  /** Takes a free port. @throws ApiError 500 where there is none. */
  next(): number
}

/** What a kind's rules may look at besides the object. */
export interface StrategyContext {
  now(): string
  clusterIps: Addresses
  nodePorts: Ports
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
  statusDefaults?(object: JsonObject, old: JsonObject): void
  prepareForCreate?(object: JsonObject, context: StrategyContext): void
  prepareForUpdate?(object: JsonObject, old: JsonObject, context: StrategyContext): void
  /** Names that are more than an RFC 1123 subdomain. */
  validateName?(name: string): string[]
  validate?(object: JsonObject): FieldError[]
  /** What only a new object is held against. */
  validateCreate?(object: JsonObject): FieldError[]
  validateUpdate?(object: JsonObject, old: JsonObject): FieldError[]
  /** Of a write of `status`, or of another part of the object that has an address of its own. */
  validatePart?(part: string, object: JsonObject, old: JsonObject): FieldError[]
  /** Takes what there is only so much of, for an object that is right. @param old undefined for a new object. */
  allocate?(object: JsonObject, old: JsonObject | undefined, context: StrategyContext, dryRun: boolean): void
  /** What is allowed and probably not meant: said in `Warning` headers. @param old undefined for a new object. */
  warnings?(object: JsonObject, old?: JsonObject): string[]
  /** Field selectors besides metadata.name and metadata.namespace. */
  fieldLabels?: Record<string, (object: KubernetesObject) => string>
}

export interface KindStrategy extends KindRules {
  schema: StructSchema
}
