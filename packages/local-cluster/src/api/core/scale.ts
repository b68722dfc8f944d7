import { decode, isJsonObject } from '../../schema/decode.ts'
import { schemaOf } from '../../schema/schema.ts'
import type { PatchType } from '../client.ts'
import { ApiError, badRequest, invalid } from '../errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringMap, stringOf } from '../kinds/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../objects.ts'
import { notNegative } from '../validation/fields.ts'
import type { ApiCore } from './core.ts'
import { asJson, asObject } from './decode-body.ts'
import { applyPatch } from './patch.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

const scaleType = { apiVersion: 'autoscaling/v1', kind: 'Scale' }

/** A workload as autoscaling/v1 Scale. Zero replicas are left out, as Go's omitempty does. */
export function readScale(core: ApiCore, strategy: KindStrategy, path: ObjectPath): KubernetesObject {
  return scaleOf(core.get(strategy.type, path))
}

function scaleOf(object: KubernetesObject): KubernetesObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { spec, status } = asJson(object)
  const replicas = numberOf(isJsonObject(spec) ? spec : null, 'replicas') ?? 0
  const selector = selectorText(optionalObject(isJsonObject(spec) ? spec : null, 'selector'))
  return asObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberOf(isJsonObject(status) ? status : null, 'replicas') ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  })
}

/** A label selector in its query form: `app=web,tier in (a,b)`. */
function selectorText(selector: JsonObject | null): string {
  const equal = Object.entries(stringMap(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  const sets = objectList(selector, 'matchExpressions').map((expression) => {
    const key = stringOf(expression, 'key')
    const values = stringList(expression, 'values').sort().join(',')
    switch (expression.operator) {
      case 'In':
        return `${key} in (${values})`
      case 'NotIn':
        return `${key} notin (${values})`
      case 'Exists':
        return key
      default:
        return `!${key}`
    }
  })
  return [...equal, ...sets].sort().join(',')
}

export function updateScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
): KubernetesObject {
  const schema = schemaOf(scaleType)
  if (schema === undefined || !isJsonObject(body)) throw badRequest('the body is not a Scale')
  if (body.kind !== undefined && body.kind !== 'Scale') {
    throw badRequest(`the object provided is unrecognized (must be of type Scale): got ${String(body.kind)}`)
  }
  const scale = decode(schema, body).value
  const replicas = numberOf(optionalObject(scale, 'spec'), 'replicas') ?? 0
  const errors = notNegative('spec.replicas', replicas)
  if (errors.length > 0) throw invalid(scaleType, path.name, errors)
  const { resourceVersion, uid } = asObject({ metadata: {}, ...scale }).metadata
  const patch: JsonObject = { spec: { replicas } }
  const metadata: JsonObject = {}
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion
  if (uid !== undefined) metadata.uid = uid
  patch.metadata = metadata
  return scaleOf(core.patch(strategy, path, { type: 'merge', body: patch }, context))
}

export function patchScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  patch: { type: PatchType | 'apply'; body: Json },
  context: WriteContext,
): KubernetesObject {
  const schema = schemaOf(scaleType)
  if (schema === undefined || patch.type === 'apply') {
    throw new ApiError(415, 'UnsupportedMediaType', 'Scale takes JSON, merge and strategic merge patches only', {})
  }
  const current = asJson(readScale(core, strategy, path))
  const patched = applyPatch({ schema }, current, { type: patch.type, body: patch.body })
  return updateScale(core, strategy, path, patched, context)
}
