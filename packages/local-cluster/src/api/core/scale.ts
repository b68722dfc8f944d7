import { isJsonObject } from '../../schema/decode.ts'
import { schemaOf } from '../../schema/schema.ts'
import { trackUpdate, type WriterIdentity } from '../apply/field-manager.ts'
import { FieldSet } from '../apply/field-set.ts'
import { type Managers, writeManagers } from '../apply/managers.ts'
import type { PatchType } from '../client.ts'
import { ApiError, invalid } from '../errors.ts'
import { numberOf, optionalObject } from '../kinds/json.ts'
import type { Json, JsonObject, KubernetesObject } from '../objects.ts'
import { groupOf } from '../resources.ts'
import { notNegative } from '../validation/fields.ts'
import { checkAddress } from './address.ts'
import { applyTyped } from './apply.ts'
import type { ApiCore } from './core.ts'
import { asJson, asObject, decodeBody } from './decode-body.ts'
import { applyPatch, decodePatched } from './patch.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import { scaleOwners, workloadOwners } from './scale-owners.ts'
import { scaleOf } from './scale-view.ts'
import type { KindStrategy } from './strategy.ts'

const scaleType = { apiVersion: 'autoscaling/v1', kind: 'Scale' }
const schema = schemaOf(scaleType) ?? unknownScale()
/** What is decoded as a Scale; its errors name the workload's resource. */
const scaleKind = { type: { ...scaleType, plural: 'scales', namespaced: true }, schema }
const zero: JsonObject = { ...scaleType, metadata: {}, spec: {}, status: { replicas: 0 } }

function unknownScale(): never {
  throw new Error('The schema has no Scale')
}

export function readScale(core: ApiCore, strategy: KindStrategy, path: ObjectPath): KubernetesObject {
  return scaleOf(core.get(strategy.type, path))
}

/** PUT of a Scale. */
export function updateScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
): KubernetesObject {
  return writeScale(core, strategy, path, context, (old, owners, writer) =>
    tracked(old, decodeBody(scaleKind, body, context), owners, writer),
  )
}

/** PATCH of a Scale with one of the three patch languages. */
export function patchScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  patch: { type: PatchType; body: Json },
  context: WriteContext,
): KubernetesObject {
  return writeScale(core, strategy, path, context, (old, owners, writer) => {
    const shown = { ...old, metadata: { ...(old.metadata as JsonObject), ...managedFields(owners) } }
    const patched = applyPatch(scaleKind, shown, patch)
    return tracked(old, decodePatched(scaleKind, patched, patch, context), owners, writer)
  })
}

function managedFields(owners: Managers): JsonObject {
  return owners.size === 0 ? {} : { managedFields: writeManagers(owners.values()) as unknown as Json[] }
}

/** Server-side apply of a Scale. */
export function applyScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
  force: boolean,
): KubernetesObject {
  const options = { force, ignored: new FieldSet(), zero }
  return writeScale(core, strategy, path, context, (old, owners, writer) => {
    const { object, owners: after } = applyTyped(scaleKind, old, body, owners, writer, options)
    return { scale: object, owners: after }
  })
}

interface Written {
  scale: JsonObject
  owners: Managers
}

function tracked(old: JsonObject, scale: JsonObject, owners: Managers, writer: WriterIdentity): Written {
  // Of replicas that nobody owned nobody is recorded as the owner.
  if (owners.size === 0) return { scale, owners }
  return { scale, owners: trackUpdate(schema, old, scale, owners, writer, new FieldSet()) }
}

function writeScale(
  core: ApiCore,
  strategy: KindStrategy,
  path: ObjectPath,
  context: WriteContext,
  write: (old: JsonObject, owners: Managers, writer: WriterIdentity) => Written,
): KubernetesObject {
  const { type } = strategy
  const changed = core.rewrite(strategy, path, context, (existing, now) => {
    const writer = { manager: context.fieldManager, apiVersion: scaleType.apiVersion, subresource: 'scale', time: now }
    const { scale, owners } = write(asJson(scaleOf(existing)), scaleOwners(existing), writer)
    const { metadata } = asObject(scale)
    checkAddress(type, path, metadata)
    const replicas = numberOf(optionalObject(scale, 'spec'), 'replicas') ?? 0
    const errors = notNegative('spec.replicas', replicas)
    if (errors.length > 0) throw invalid(scaleType, path.name, errors)
    if ((metadata.uid ?? '') !== '' && metadata.uid !== existing.metadata.uid)
      throw otherObject(strategy, existing, metadata.uid)
    const { spec, metadata: old } = asJson(existing)
    const { resourceVersion = '' } = metadata
    return {
      object: {
        ...asJson(existing),
        metadata: { ...(isJsonObject(old) ? old : {}), resourceVersion },
        spec: { ...(isJsonObject(spec) ? spec : {}), replicas },
      },
      managedFields: writeManagers(workloadOwners(existing, owners)),
    }
  })
  return scaleOf(changed)
}

function otherObject({ type }: KindStrategy, { metadata }: KubernetesObject, uid: string | undefined): ApiError {
  const resource = `${type.plural}/scale`
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
  const message = `Operation cannot be fulfilled on ${resource}.${groupOf(type)} "${metadata.name}": ${why}`
  return new ApiError(409, 'Conflict', message, { name: metadata.name, group: groupOf(type), kind: resource })
}
