import fieldsFile from './fields.json' with { type: 'json' }
import leftOutFile from './left-out-when-zero.json' with { type: 'json' }
import { atomicMaps, atomicStructs, granularFields, type ListRule, listRules, replacedOnPatch } from './merge-rules.ts'

export type ScalarType =
  | 'string'
  | 'boolean'
  | 'number'
  | 'int32'
  | 'int64'
  | 'time'
  | 'microtime'
  | 'intOrString'
  | 'quantity'
  | 'bytes'

export interface ScalarSchema {
  kind: 'scalar'
  scalar: ScalarType
}

/** Free JSON, such as `fieldsV1` or the data of a ControllerRevision. */
export interface AnySchema {
  kind: 'any'
}

export interface StructSchema {
  kind: 'struct'
  /** Name of the Go type with its version in front, e.g. `V1PodSpec`. */
  name: string
  atomic: boolean
  /** Strategic merge replaces it as a whole. */
  patchReplace: boolean
  fields: Map<string, Schema>
  /** Fields that Go does not write while they are empty, zero or false: nobody can tell whether they were given. */
  leftOut: ReadonlySet<string>
}

export interface MapSchema {
  kind: 'map'
  atomic: boolean
  element: Schema
}

export interface ListSchema extends ListRule {
  kind: 'list'
  element: Schema
}

export type Schema = ScalarSchema | AnySchema | StructSchema | MapSchema | ListSchema

const types: Record<string, Record<string, string>> = fieldsFile.types
const roots: Record<string, string> = fieldsFile.roots
const leftOutWhenZero: Record<string, string[]> = leftOutFile

const scalarNames: readonly string[] = [
  'string',
  'boolean',
  'number',
  'int32',
  'int64',
  'time',
  'microtime',
  'intOrString',
  'quantity',
  'bytes',
] satisfies ScalarType[]

function isScalarType(type: string): type is ScalarType {
  return scalarNames.includes(type)
}

const structs = new Map<string, StructSchema>()

function struct(name: string, owner: string): StructSchema {
  const granular = granularFields.has(owner)
  const patchReplace = replacedOnPatch.has(owner)
  const key = granular || patchReplace ? `${name}@${owner}` : name
  const known = structs.get(key)
  if (known !== undefined) return known
  const made: StructSchema = {
    kind: 'struct',
    name,
    atomic: atomicStructs.has(name) && !granular,
    patchReplace,
    fields: new Map(),
    leftOut: new Set(leftOutWhenZero[name]),
  }
  structs.set(key, made)
  for (const [field, type] of Object.entries(types[name] ?? {})) made.fields.set(field, parse(type, `${name}.${field}`))
  return made
}

function parse(type: string, owner: string): Schema {
  if (type.startsWith('[]')) {
    const rule = listRules[owner] ?? { listType: 'atomic' as const }
    return { kind: 'list', element: parse(type.slice(2), ''), ...rule }
  }
  if (type.startsWith('{}')) return { kind: 'map', atomic: atomicMaps.has(owner), element: parse(type.slice(2), '') }
  if (type === 'any') return { kind: 'any' }
  if (isScalarType(type)) return { kind: 'scalar', scalar: type }
  return struct(type, owner)
}

/** The schema of a kind; undefined for kinds that are not served. */
export function schemaOf(type: { apiVersion: string; kind: string }): StructSchema | undefined {
  const name = roots[`${type.apiVersion}/${type.kind}`]
  return name === undefined ? undefined : struct(name, '')
}

/** Go's name of a type: `V1PodSpec` is `PodSpec` in its messages. */
export function goTypeName(name: string): string {
  return name.replace(/^(?:[A-Z][a-z]+)?V\d(?:(?:alpha|beta)\d)?(?=[A-Z])/, '')
}
