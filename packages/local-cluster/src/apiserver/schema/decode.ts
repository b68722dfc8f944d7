import { isJsonObject } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { DecodeError, mismatch, type Position, type Source, typeError } from './decode-errors.ts'
import { decodeScalar } from './decode-scalars.ts'
import { goTypeName, type Schema, type StructSchema } from './schema.ts'

export interface Decoded {
  value: JsonObject
  /** `unknown field "spec.bogus"`, in document order: refused (Strict), warned of (Warn) or dropped (Ignore). */
  strictErrors: string[]
}

/** As many are told of one object, each once. */
const mostStrictErrors = 100

/** Deepest nesting that is read; the deepest real objects have about 20 levels. */
const mostLevels = 100

/**
 * Reads a kind's JSON as the typed API server does: unknown fields and nulls go away, quantities become canonical,
 * empty lists and maps are left out, and a value of the wrong type is a DecodeError.
 */
export function decode(schema: StructSchema, value: Json, source: Source = 'json'): Decoded {
  const strictErrors: string[] = []
  if (!isJsonObject(value)) throw typeError(value, '', schema.name)
  const at = { goPath: '', path: '', structName: '', strictErrors, source }
  const decoded = decodeStruct(schema, value, at, 0)
  return { value: decoded, strictErrors }
}

function decodeStruct(schema: StructSchema, value: JsonObject, at: Position, level: number): JsonObject {
  if (level > mostLevels) throw new DecodeError('exceeded max depth')
  const out: JsonObject = {}
  const structName = goTypeName(schema.name)
  for (const [key, child] of Object.entries(value)) {
    // Not there, as far as JSON goes; callers in process have such keys.
    if (child === undefined) continue
    const path = at.path === '' ? key : `${at.path}.${key}`
    const field = schema.fields.get(key)
    if (field === undefined) {
      strictError(at, `unknown field "${path}"`)
      continue
    }
    if (child === null) continue
    const goPath = at.goPath === '' ? key : `${at.goPath}.${key}`
    const decoded = decodeValue(field, child, { ...at, path, goPath, structName }, level + 1)
    if ((decoded === '' || decoded === 0 || decoded === false) && schema.leftOut.has(key)) continue
    // An empty list of managers is told from none: it forgets those that are known.
    if (isEmptyCollection(field, decoded) && key !== 'managedFields') continue
    out[key] = decoded
  }
  for (const key of timesWithoutPointer[schema.name] ?? []) out[key] ??= null
  return out
}

function strictError({ strictErrors }: Position, text: string): void {
  if (strictErrors.length < mostStrictErrors && !strictErrors.includes(text)) strictErrors.push(text)
}

/** Times that Go cannot leave out: they are null while they are not set. */
const timesWithoutPointer: Record<string, readonly string[]> = {
  V1PodCondition: ['lastProbeTime', 'lastTransitionTime'],
  V1JobCondition: ['lastProbeTime', 'lastTransitionTime'],
  V1ContainerStateRunning: ['startedAt'],
  V1ContainerStateTerminated: ['startedAt', 'finishedAt'],
  V1NodeCondition: ['lastHeartbeatTime', 'lastTransitionTime'],
  V1DeploymentCondition: ['lastUpdateTime', 'lastTransitionTime'],
  V1ReplicaSetCondition: ['lastTransitionTime'],
  V1StatefulSetCondition: ['lastTransitionTime'],
  V1DaemonSetCondition: ['lastTransitionTime'],
  V1NamespaceCondition: ['lastTransitionTime'],
}

/** Go leaves empty slices and maps out; empty structs (`emptyDir: {}`) stay. */
function isEmptyCollection(schema: Schema, value: Json): boolean {
  if (schema.kind === 'list') return Array.isArray(value) && value.length === 0
  return schema.kind === 'map' && isJsonObject(value) && Object.keys(value).length === 0
}

function decodeValue(schema: Schema, value: Json, at: Position, level: number): Json {
  switch (schema.kind) {
    case 'any':
      return value
    case 'scalar':
      return decodeScalar(schema, value, at)
    case 'struct':
      if (!isJsonObject(value)) throw mismatch(schema, value, at, `v1.${goTypeName(schema.name)}`)
      return decodeStruct(schema, value, at, level)
    case 'map': {
      if (!isJsonObject(value)) throw mismatch(schema, value, at, `map[string]${goName(schema.element)}`)
      const out: JsonObject = {}
      for (const [key, child] of Object.entries(value)) {
        out[key] =
          child === null || child === undefined
            ? emptyScalar(schema.element)
            : decodeValue(schema.element, child, { ...at, path: `${at.path}.${key}` }, level + 1)
      }
      return out
    }
    case 'list': {
      if (!Array.isArray(value)) throw mismatch(schema, value, at, `[]${goName(schema.element)}`)
      return value
        .filter((child) => child !== null && child !== undefined)
        .map((child, index) => decodeValue(schema.element, child, { ...at, path: `${at.path}[${index}]` }, level + 1))
    }
  }
}

/** What Go makes of null inside a map. */
function emptyScalar(schema: Schema): Json {
  return schema.kind === 'scalar' && schema.scalar !== 'quantity' ? '' : '0'
}

function goName(schema: Schema): string {
  if (schema.kind === 'struct') return `v1.${goTypeName(schema.name)}`
  if (schema.kind !== 'scalar') return 'interface {}'
  return (
    { boolean: 'bool', number: 'float64', bytes: '[]uint8', quantity: 'resource.Quantity' }[schema.scalar as string] ??
    schema.scalar
  )
}
