import type { KindStrategy } from '../../core/strategy.ts'
import type { FieldError } from '../../errors.ts'
import type { JsonObject, KubernetesObject } from '../../objects.ts'
import type { ResourceType } from '../../resources.ts'

/** How another version of a kind shows what is stored in one. Both functions take and give whole objects, and change neither. */
export interface VersionRules {
  type: ResourceType
  /** The version in which the kind is stored. */
  stored: ResourceType
  toView(object: JsonObject): JsonObject
  toStored(object: JsonObject): JsonObject
  /** Field selectors by the names of this version, where they differ. */
  fieldLabels?: Record<string, (object: KubernetesObject) => string>
  /** Checks of this version that those of the stored one do not have. */
  validateCreate?(object: JsonObject): FieldError[]
}

/** A version that is served besides the stored one. */
export interface VersionView extends Omit<VersionRules, 'stored'> {
  schema: KindStrategy['schema']
  storage: KindStrategy
}

export function renamed(object: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names[key] ?? key, value]))
}
