import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { compareQuantities, parseQuantity, quantityOf, zeroQuantity } from '../../types/quantity.ts'
import { forbiddenField, immutableMessage, invalidValue, notSupported, required } from '../validation/fields.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { dns1123Subdomain, qualifiedName } from '../validation/names.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

const specOf = (object: JsonObject) => optionalObject(object, 'spec') ?? {}

function validateModes(spec: JsonObject, field = 'spec'): FieldError[] {
  const modes = stringList(spec, 'accessModes')
  const errors = modes
    .filter((mode) => !accessModes.includes(mode))
    .map((mode) => notSupported(`${field}.accessModes`, mode, accessModes))
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    errors.push(forbiddenField(`${field}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  }
  if (spec.volumeMode !== undefined && !volumeModes.includes(stringOf(spec, 'volumeMode'))) {
    errors.push(notSupported(`${field}.volumeMode`, spec.volumeMode, volumeModes))
  }
  return errors
}

function validateClassName(spec: JsonObject, field = 'spec'): FieldError[] {
  const name = stringOf(spec, 'storageClassName')
  return name === '' ? [] : dns1123Subdomain(name).map((why) => invalidValue(`${field}.storageClassName`, name, why))
}

function validateSize(size: Json, field: string): FieldError[] {
  if (size === undefined) return [required(field)]
  const quantity = parseQuantity(typeof size === 'number' ? size : String(size))
  const positive = quantity !== null && compareQuantities(quantity, zeroQuantity) > 0
  return positive ? [] : [invalidValue(field, size, 'must be greater than zero')]
}

/** Reference: ValidatePersistentVolumeClaimSpec of pkg/apis/core/validation. */
export function validateClaim(object: JsonObject): FieldError[] {
  return validateClaimSpec(specOf(object), 'spec')
}

/** A claim's spec, in a claim or a template. */
export function validateClaimSpec(spec: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (stringList(spec, 'accessModes').length === 0) {
    errors.push(required(`${field}.accessModes`, 'at least 1 access mode is required'))
  }
  const selector = optionalObject(spec, 'selector')
  if (selector !== null) errors.push(...validateLabelSelector(selector, `${field}.selector`))
  errors.push(...validateModes(spec, field))
  const requests = optionalObject(optionalObject(spec, 'resources'), 'requests')
  errors.push(...validateSize(requests?.storage, `${field}.resources[storage]`))
  errors.push(...validateClassName(spec, field))
  return errors
}

/** A claim stays as it is but for its size; what is not said yet (volume, class) may be said once. */
export function validateClaimUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [{ ...specOf(object) }, specOf(old)]
  const frozen: JsonObject = { ...now, resources: before.resources }
  if (before.volumeName === undefined) delete frozen.volumeName
  if (before.storageClassName === undefined) delete frozen.storageClassName
  if (before.resources === undefined) delete frozen.resources
  if (!isDeepStrictEqual(frozen, { ...before })) {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    return [forbiddenField('spec', why)]
  }
  const sizeOf = (spec: JsonObject) => optionalObject(optionalObject(spec, 'resources'), 'requests')?.storage
  const status = optionalObject(old, 'status')
  if (isDeepStrictEqual(sizeOf(now), sizeOf(before))) return []
  if (stringOf(status, 'phase') !== 'Bound') {
    const why =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    return [forbiddenField('spec', why)]
  }
  const capacity = quantityOf(optionalObject(status, 'capacity')?.storage)
  if (compareQuantities(quantityOf(sizeOf(now)), capacity) >= 0) return []
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

/** What a volume can be; everything else in its spec is about it. */
const notSources = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
])
const sourcesOf = (spec: JsonObject) =>
  Object.fromEntries(Object.entries(spec).filter(([key, value]) => !notSources.has(key) && value !== undefined))

/** Reference: ValidatePersistentVolumeSpec. */
export function validateVolume(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors: FieldError[] = []
  if (stringList(spec, 'accessModes').length === 0) errors.push(required('spec.accessModes'))
  errors.push(...validateModes(spec))
  const capacity = optionalObject(spec, 'capacity') ?? {}
  if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'))
  else if (capacity.storage === undefined || Object.keys(capacity).length > 1) {
    errors.push(notSupported('spec.capacity', capacity, ['storage']))
  } else errors.push(...validateSize(capacity.storage, 'spec.capacity[storage]'))
  if (!reclaimPolicies.includes(stringOf(spec, 'persistentVolumeReclaimPolicy'))) {
    const field = 'spec.persistentVolumeReclaimPolicy'
    errors.push(notSupported(field, spec.persistentVolumeReclaimPolicy, reclaimPolicies))
  }
  const sources = Object.keys(sourcesOf(spec))
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'))
  for (const more of sources.slice(1))
    errors.push(forbiddenField(`spec.${more}`, 'may not specify more than 1 volume type'))
  for (const kind of ['hostPath', 'local']) {
    const source = optionalObject(spec, kind)
    if (source === null) continue
    const path = stringOf(source, 'path')
    if (path === '') errors.push(required(`spec.${kind}.path`))
    else if (path.split('/').includes('..'))
      errors.push(invalidValue(`spec.${kind}.path`, path, "must not contain '..'"))
  }
  if (spec.local !== undefined && spec.nodeAffinity === undefined) {
    errors.push(required('metadata.annotations', 'Local volume requires node affinity'))
  }
  return [...errors, ...validateClassName(spec)]
}

export function validateVolumeUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [specOf(object), specOf(old)]
  const errors: FieldError[] = []
  if (!isDeepStrictEqual(sourcesOf(now), sourcesOf(before))) {
    errors.push(
      forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    )
  }
  if (now.volumeMode !== before.volumeMode) {
    // The real server names it so.
    errors.push(invalidValue('volumeMode', now.volumeMode, immutableMessage))
  }
  return errors
}

/** Reference: pkg/apis/storage/validation.ValidateStorageClass. */
export function validateStorageClass(object: JsonObject): FieldError[] {
  const errors: FieldError[] = []
  const provisioner = stringOf(object, 'provisioner')
  if (provisioner === '') errors.push(required('provisioner', ''))
  else {
    const name = provisioner.toLowerCase()
    errors.push(...qualifiedName(name).map((why) => invalidValue('provisioner', name, why)))
  }
  const policies = ['Delete', 'Retain']
  if (!policies.includes(stringOf(object, 'reclaimPolicy'))) {
    errors.push(notSupported('reclaimPolicy', object.reclaimPolicy, policies))
  }
  if (!bindingModes.includes(stringOf(object, 'volumeBindingMode'))) {
    errors.push(notSupported('volumeBindingMode', object.volumeBindingMode, bindingModes))
  }
  return errors
}

export function validateStorageClassUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  return ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']
    .filter((key) => !isDeepStrictEqual(object[key], old[key]))
    .map((key) => invalidValue(key, object[key], immutableMessage))
}
