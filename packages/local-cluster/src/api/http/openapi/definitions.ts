import type { ListSchema, Schema, StructSchema } from '../../../schema/schema.ts'
import { goTypeName, schemaOf } from '../../../schema/schema.ts'
import { type ServedVersion, servedVersions } from '../../kinds/views/index.ts'
import { groupOf, versionOf } from '../../resources.ts'
import { createDescriptions } from './descriptions.ts'

/** A schema as OpenAPI 2 and 3 both write it. */
export type Definition = { [key: string]: unknown }

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const metaTypes =
  /^V1(?:ObjectMeta|OwnerReference|ManagedFieldsEntry|LabelSelector|LabelSelectorRequirement|Condition)$/
/** Types of the core group that only kinds of other groups use. */
const coreTypes = /^V1(?:PodTemplateSpec|TopologySelector\w+|ObjectReference|TypedLocalObjectReference)$/

/** Scalars that are types of their own in Kubernetes. */
const namedScalars: Record<string, { name: string; definition: Definition }> = {
  time: {
    name: `${meta}.Time`,
    definition: { description: 'A time in RFC 3339, to the second.', type: 'string', format: 'date-time' },
  },
  microtime: {
    name: `${meta}.MicroTime`,
    definition: { description: 'A time in RFC 3339, to the microsecond.', type: 'string', format: 'date-time' },
  },
  intOrString: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    definition: { description: 'A number, or a percentage or a name.', type: 'string', format: 'int-or-string' },
  },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    definition: { description: 'A number with a unit, such as 500m, 1.5 or 2Gi.', type: 'string' },
  },
}

const plainScalars: Record<string, Definition> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  number: { type: 'number', format: 'double' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bytes: { type: 'string', format: 'byte' },
}

const free: Record<string, { name: string; definition: Definition }> = {
  fieldsV1: { name: `${meta}.FieldsV1`, definition: { description: 'Fields as a trie.', type: 'object' } },
  data: {
    name: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
    definition: { description: 'An object of any kind.', type: 'object' },
  },
}

/** A kind of those that are served, by its group, version and kind. */
export function groupVersionKind({ type }: ServedVersion) {
  return { group: groupOf(type), version: versionOf(type), kind: type.kind }
}

/**
 * Schemas of kinds and of all types that they use, with the extensions by which clients merge, under the names that they have in
 * Kubernetes. `reference` says how to refer to another schema with words and extensions beside it, where the versions of OpenAPI differ.
 */
export class Definitions {
  readonly #reference: (name: string, beside: Definition) => Definition
  readonly #describe = createDescriptions()
  /** The package of each type that was reached. */
  readonly #packages = new Map<string, string>()

  constructor(reference: (name: string, beside: Definition) => Definition) {
    this.#reference = reference
    // The core group first, so that what others share with it has its package.
    const byCore = servedVersions.toSorted((a, b) => Number(groupOf(a.type) !== '') - Number(groupOf(b.type) !== ''))
    this.of(byCore)
  }

  /** The schemas of the kinds, with their group, version and kind, and of what they use, by name. */
  of(kinds: readonly ServedVersion[]): Record<string, Definition> {
    const into = new Map<string, Definition>()
    for (const kind of kinds) {
      const schema = schemaOf(kind.type)
      if (schema === undefined) continue
      const name = this.#struct(schema, packageOfGroup(groupOf(kind.type)), into)
      Object.assign(into.get(name) ?? {}, { 'x-kubernetes-group-version-kind': [groupVersionKind(kind)] })
    }
    return Object.fromEntries([...into].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #struct(schema: StructSchema, from: string, into: Map<string, Definition>): string {
    const group = this.#packageOf(schema.name, from)
    const name = definitionName(schema.name, group)
    if (into.has(name)) return name
    const definition: Definition = {}
    into.set(name, definition)
    const said = this.#describe(schema.name)
    const properties: Record<string, Definition> = {}
    for (const [field, of] of schema.fields) {
      properties[field] = this.#field(of, field, group, into, said.fields.get(field)?.text)
    }
    const required = [...schema.fields.keys()].filter((field) => said.fields.get(field)?.required === true)
    Object.assign(definition, words(said.text), { type: 'object', properties })
    if (required.length > 0) Object.assign(definition, { required })
    if (schema.atomic) Object.assign(definition, { 'x-kubernetes-map-type': 'atomic' })
    return name
  }

  #packageOf(type: string, from: string): string {
    const known = coreTypes.test(type) ? corePackage : (this.#packages.get(type) ?? from)
    this.#packages.set(type, known)
    return known
  }

  #field(schema: Schema, field: string, from: string, into: Map<string, Definition>, text?: string): Definition {
    switch (schema.kind) {
      case 'any':
      case 'scalar': {
        const named = schema.kind === 'any' ? free[field] : namedScalars[schema.scalar]
        if (named === undefined) {
          return { ...words(text), ...(schema.kind === 'any' ? { type: 'object' } : plainScalars[schema.scalar]) }
        }
        into.set(named.name, named.definition)
        return this.#reference(named.name, words(text))
      }
      case 'struct': {
        const replace = schema.patchReplace ? { 'x-kubernetes-patch-strategy': 'replace' } : {}
        const said = words(text ?? this.#describe(schema.name).text)
        return this.#reference(this.#struct(schema, from, into), { ...said, ...replace })
      }
      case 'map': {
        const additionalProperties = this.#element(schema.element, from, into)
        const atomic = schema.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}
        return { ...words(text), type: 'object', additionalProperties, ...atomic }
      }
      case 'list': {
        const items = this.#element(schema.element, from, into)
        return { ...words(text), type: 'array', items, ...listExtensions(schema, field) }
      }
    }
  }

  /** An element says nothing besides what it is. */
  #element(element: Schema, from: string, into: Map<string, Definition>): Definition {
    if (element.kind === 'struct') return this.#reference(this.#struct(element, from, into), {})
    return this.#field(element, '', from, into)
  }
}

function words(text: string | undefined): Definition {
  return text === undefined ? {} : { description: text }
}

function definitionName(type: string, group: string): string {
  if (metaTypes.test(type)) return `${meta}.${goTypeName(type)}`
  const version = /V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/.exec(type)?.[0].toLowerCase() ?? 'v1'
  return `${group}.${version}.${goTypeName(type)}`
}

const corePackage = 'io.k8s.api.core'

function packageOfGroup(group: string): string {
  if (group === '') return corePackage
  if (group === 'gateway.networking.k8s.io') return 'io.k8s.networking.gateway'
  return `io.k8s.api.${group.replace(/\..*$/, '')}`
}

function listExtensions({ listType, keys, patchKey, patchMerge }: ListSchema, field: string): Definition {
  return {
    'x-kubernetes-list-type': listType,
    ...(keys === undefined ? {} : { 'x-kubernetes-list-map-keys': keys }),
    ...(patchKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patchKey }),
    ...(patchMerge ? { 'x-kubernetes-patch-strategy': field === 'volumes' ? 'merge,retainKeys' : 'merge' } : {}),
  }
}
