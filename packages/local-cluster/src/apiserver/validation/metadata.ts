import type { FieldError } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { immutableMessage, invalidText, invalidValue, notNegative, required, tooLong } from './fields.ts'
import { validateManagerName } from './manager-name.ts'
import { dns1123Subdomain, labelValue, qualifiedName } from './names.ts'

const mostAnnotationBytes = 256 * 1024

export function validateLabels(labels: Record<string, string> | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((why) => invalidValue(field, key, why)),
    ...labelValue(value).map((why) => invalidValue(field, value, why)),
  ])
}

export function validateAnnotations(annotations: Record<string, string> | undefined, field: string): FieldError[] {
  let bytes = 0
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...qualifiedName(key.toLowerCase()).map((why) => invalidValue(field, key, why)))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > mostAnnotationBytes) errors.push(tooLong(field, mostAnnotationBytes))
  return errors
}

/** Reference: k8s.io/apimachinery/pkg/api/validation.ValidateObjectMeta. */
export function validateMetadata(
  object: KubernetesObject,
  namespaced: boolean,
  validateName: (name: string) => string[],
): FieldError[] {
  const { metadata } = object
  const errors: FieldError[] = []
  if ((metadata.generateName ?? '') !== '') {
    const sample = `${metadata.generateName ?? ''}`.replace(/-+$/, (dashes) => `${'-'.repeat(dashes.length - 1)}a`)
    errors.push(...validateName(sample).map((why) => invalidValue('metadata.generateName', metadata.generateName, why)))
  }
  if (metadata.name === '') errors.push(required('metadata.name', 'name or generateName is required'))
  else errors.push(...validateName(metadata.name).map((why) => invalidValue('metadata.name', metadata.name, why)))
  if (!namespaced && metadata.namespace !== undefined) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: 'metadata.namespace',
      message: 'Forbidden: not allowed on this type',
    })
  }
  errors.push(...notNegative('metadata.generation', metadata.generation))
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'))
  errors.push(...validateAnnotations(metadata.annotations, 'metadata.annotations'))
  errors.push(...validateOwners(object), ...validateFinalizers(object), ...validateManagers(object))
  return errors
}

const mostSubresourceBytes = 256

/** Reference: meta/v1/validation.ValidateManagedFields; what can not be read at all has been dropped before. */
function validateManagers(object: KubernetesObject): FieldError[] {
  return (object.metadata.managedFields ?? []).flatMap(({ manager = '', subresource = '' }, index) => {
    const field = `metadata.managedFields[${index}]`
    const errors = validateManagerName(manager, `${field}.manager`)
    if (Buffer.byteLength(subresource) > mostSubresourceBytes) {
      errors.push(tooLong(`${field}.subresource`, mostSubresourceBytes))
    }
    return errors
  })
}

function validateOwners(object: KubernetesObject): FieldError[] {
  const field = 'metadata.ownerReferences'
  const owners = object.metadata.ownerReferences ?? []
  const errors = owners.flatMap((owner) => {
    const missing: FieldError[] = []
    if (!owner.apiVersion) missing.push(invalidValue(`${field}.apiVersion`, '', 'version must not be empty'))
    if (!owner.kind) missing.push(invalidValue(`${field}.kind`, '', 'must not be empty'))
    if (!owner.name) missing.push(invalidValue(`${field}.name`, '', 'must not be empty'))
    if (!owner.uid) missing.push(invalidValue(`${field}.uid`, '', 'must not be empty'))
    return missing
  })
  const controllers = owners.filter((owner) => owner.controller === true)
  const [first, second] = controllers
  if (first !== undefined && second !== undefined) {
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`
    errors.push(invalidText(field, JSON.stringify(owners), why))
  }
  return errors
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

function validateFinalizers(object: KubernetesObject): FieldError[] {
  const field = 'metadata.finalizers'
  const finalizers = object.metadata.finalizers ?? []
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedName(finalizer).map((why) => invalidValue(field, finalizer, why)),
  )
  // Of the kinds that decode through core/v1 only: those of other groups take any qualified name.
  if (object.apiVersion !== 'v1') return errors
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) continue
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalidValue(`${field}[${index}]`, finalizer, why))
  }
  return errors
}

const immutableKeys = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** What may never change once an object exists. Reference: ValidateObjectMetaUpdate. */
export function validateMetadataUpdate(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const errors: FieldError[] = []
  for (const key of immutableKeys) {
    if (object.metadata[key] !== old.metadata[key]) {
      errors.push(invalidValue(`metadata.${key}`, object.metadata[key], immutableMessage))
    }
  }
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = old.metadata.finalizers ?? []
    const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.includes(finalizer))
    if (added.length > 0) {
      errors.push({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
      })
    }
  }
  return errors
}

export const defaultValidateName = dns1123Subdomain
