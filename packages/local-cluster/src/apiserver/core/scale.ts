import type { PatchType } from '../../types/client.ts'
import { invalid } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from '../../types/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../../types/objects.ts'
import { schemaOf } from '../schema/schema.ts'
import { notNegative } from '../validation/fields.ts'
import { checkAddress } from './address.ts'
import type { ApiCore } from './core.ts'
import { asJson, asObject, decodeBody } from './decode-body.ts'
import { applyPatch, decodePatched } from './patch.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

const scaleType = { apiVersion: 'autoscaling/v1', kind: 'Scale' }
/** What is decoded as a Scale; its errors name the workload's resource. */
const scaleKind = { type: { ...scaleType, plural: 'scales', namespaced: true }, schema: scaleSchema() }

function scaleSchema() {
  const schema = schemaOf(scaleType)
  if (schema === undefined) throw new Error('The schema has no Scale')
  return schema
}

export function readScale(core: ApiCore, strategy: KindStrategy, path: ObjectPath): KubernetesObject {
  return scaleOf(core.get(strategy.type, path))
}

/** PUT or PATCH of a Scale: writes the workload's replicas, in the name of the writer. */
export function writeScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  change: { type: PatchType | 'replace'; body: Json },
  context: WriteContext,
): KubernetesObject {
  const scale = decodeScale(asJson(readScale(core, strategy, path)), change, context)
  const { metadata } = asObject(scale)
  checkAddress(strategy.type, path, metadata)
  const replicas = numberOf(optionalObject(scale, 'spec'), 'replicas') ?? 0
  const errors = notNegative('spec.replicas', replicas)
  if (errors.length > 0) throw invalid(scaleType, path.name, errors)
  const { resourceVersion = null, uid = null } = metadata
  const body = { metadata: { resourceVersion, uid }, spec: { replicas } }
  return scaleOf(core.patch(strategy, path, { type: 'merge', body }, context))
}

function decodeScale(
  now: JsonObject,
  { type, body }: { type: PatchType | 'replace'; body: Json },
  context: WriteContext,
): JsonObject {
  if (type === 'replace') return decodeBody(scaleKind, body, context)
  const patch = { type, body }
  return decodePatched(scaleKind, applyPatch(scaleKind, now, patch), patch, context)
}

/** A workload as autoscaling/v1 Scale. Zero replicas are left out, as Go's omitempty does. */
function scaleOf(object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const [spec, status] = [optionalObject(asJson(object), 'spec'), optionalObject(asJson(object), 'status')]
  const replicas = numberOf(spec, 'replicas') ?? 0
  const selector = selectorText(optionalObject(spec, 'selector'))
  return asObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: numberOf(status, 'replicas') ?? 0, ...(selector === '' ? {} : { selector }) },
  })
}

/** A label selector in its query form: `app=web,tier in (a,b)`. */
function selectorText(selector: JsonObject | null): string {
  const equal = Object.entries(stringMap(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  const sets = objectList(selector, 'matchExpressions').map((expression) => {
    const key = stringOf(expression, 'key')
    const values = stringList(expression, 'values').sort().join(',')
    if (expression.operator === 'In') return `${key} in (${values})`
    if (expression.operator === 'NotIn') return `${key} notin (${values})`
    return expression.operator === 'Exists' ? key : `!${key}`
  })
  return [...equal, ...sets].sort().join(',')
}
