import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { duplicate, forbiddenField, invalidValue, notNegative, notSupported, required } from '../validation/fields.ts'
import { validateAnnotations, validateLabels } from '../validation/metadata.ts'
import { dns1123Label, dns1123Subdomain } from '../validation/names.ts'
import { objectList, optionalObject, stringMap, stringOf } from './json.ts'
import { validateContainers } from './validate-container.ts'

const restartPolicies = ['Always', 'Never', 'OnFailure']
const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']

export function validatePod(pod: JsonObject): FieldError[] {
  return validatePodSpec(optionalObject(pod, 'spec') ?? {}, 'spec')
}

/**
 * Reference: pkg/apis/core/validation.ValidatePodSpec.
 * @param claims volumes that come from the claim templates of a StatefulSet.
 */
function validatePodSpec(spec: JsonObject, field: string, claims: string[] = []): FieldError[] {
  const errors: FieldError[] = []
  const volumes = new Set<string>(claims)
  for (const [index, volume] of objectList(spec, 'volumes').entries()) {
    errors.push(...validateVolume(volume, `${field}.volumes[${index}]`, volumes))
  }
  const containers = objectList(spec, 'containers')
  if (containers.length === 0) errors.push(required(`${field}.containers`))
  errors.push(...validateContainers(containers, `${field}.containers`, volumes, false))
  const init = objectList(spec, 'initContainers')
  errors.push(...validateContainers(init, `${field}.initContainers`, volumes, true))
  const names = new Set(containers.map((container) => stringOf(container, 'name')))
  for (const [index, container] of init.entries()) {
    const name = stringOf(container, 'name')
    if (names.has(name)) errors.push(duplicate(`${field}.initContainers[${index}].name`, name))
  }
  if (!restartPolicies.includes(stringOf(spec, 'restartPolicy'))) {
    errors.push(notSupported(`${field}.restartPolicy`, spec.restartPolicy, restartPolicies))
  }
  if (!dnsPolicies.includes(stringOf(spec, 'dnsPolicy'))) {
    errors.push(notSupported(`${field}.dnsPolicy`, spec.dnsPolicy, dnsPolicies))
  }
  errors.push(...validateLabels(stringMap(spec, 'nodeSelector'), `${field}.nodeSelector`))
  errors.push(...notNegative(`${field}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds))
  const deadline = spec.activeDeadlineSeconds
  if (typeof deadline === 'number' && (deadline < 1 || deadline > 2147483647)) {
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'))
  }
  errors.push(...validateReferences(spec, field))
  return errors
}

function validateReferences(spec: JsonObject, field: string): FieldError[] {
  const account = stringOf(spec, 'serviceAccountName')
  const errors: FieldError[] = []
  if (account !== '') {
    errors.push(...dns1123Subdomain(account).map((why) => invalidValue(`${field}.serviceAccountName`, account, why)))
  }
  const hostname = stringOf(spec, 'hostname')
  if (hostname !== '')
    errors.push(...dns1123Label(hostname).map((why) => invalidValue(`${field}.hostname`, hostname, why)))
  for (const [index, constraint] of objectList(spec, 'topologySpreadConstraints').entries()) {
    const at = `${field}.topologySpreadConstraints[${index}]`
    if (typeof constraint.maxSkew === 'number' && constraint.maxSkew <= 0) {
      errors.push(invalidValue(`${at}.maxSkew`, constraint.maxSkew, 'must be greater than zero'))
    }
    if (stringOf(constraint, 'topologyKey') === '') errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    if (!['DoNotSchedule', 'ScheduleAnyway'].includes(stringOf(constraint, 'whenUnsatisfiable'))) {
      const policies = ['DoNotSchedule', 'ScheduleAnyway']
      errors.push(notSupported(`${at}.whenUnsatisfiable`, constraint.whenUnsatisfiable, policies))
    }
  }
  return errors
}

function validateVolume(volume: JsonObject, at: string, names: Set<string>): FieldError[] {
  const name = stringOf(volume, 'name')
  const errors: FieldError[] = []
  if (name === '') errors.push(required(`${at}.name`))
  else errors.push(...dns1123Label(name).map((why) => invalidValue(`${at}.name`, name, why)))
  if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
  names.add(name)
  const sources = Object.keys(volume).filter((key) => key !== 'name')
  for (const extra of sources.slice(1)) {
    errors.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 volume type'))
  }
  const secret = optionalObject(volume, 'secret')
  if (secret !== null && stringOf(secret, 'secretName') === '') errors.push(required(`${at}.secret.secretName`))
  const configMap = optionalObject(volume, 'configMap')
  if (configMap !== null && stringOf(configMap, 'name') === '') errors.push(required(`${at}.configMap.name`))
  const claim = optionalObject(volume, 'persistentVolumeClaim')
  if (claim !== null && stringOf(claim, 'claimName') === '')
    errors.push(required(`${at}.persistentVolumeClaim.claimName`))
  return errors
}

/** A template inside a workload: its labels must match the selector, its policies the kind. */
export function validateTemplate(
  template: JsonObject,
  field: string,
  allowed: { restartPolicies: string[]; claims?: string[] },
): FieldError[] {
  const metadata = optionalObject(template, 'metadata')
  const spec = optionalObject(template, 'spec') ?? {}
  const errors = [
    ...validateLabels(stringMap(metadata, 'labels'), `${field}.labels`),
    ...validateAnnotations(stringMap(metadata, 'annotations'), `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`, allowed.claims),
  ]
  const policy = stringOf(spec, 'restartPolicy')
  if (!allowed.restartPolicies.includes(policy) && restartPolicies.includes(policy)) {
    errors.push(notSupported(`${field}.spec.restartPolicy`, policy, allowed.restartPolicies))
  }
  return errors
}

const changeable = new Set([
  'activeDeadlineSeconds',
  'terminationGracePeriodSeconds',
  'tolerations',
  'schedulingGates',
  'nodeName',
])

/** Almost nothing of a pod's spec may change. Reference: ValidatePodUpdate. */
export function validatePodUpdate(pod: JsonObject, old: JsonObject): FieldError[] {
  const frozen = (object: JsonObject) => {
    const spec = optionalObject(object, 'spec') ?? {}
    const imageless = (list: JsonObject[]) => list.map(({ image: _, ...container }) => container)
    const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.has(key)))
    return {
      ...rest,
      containers: imageless(objectList(spec, 'containers')),
      initContainers: imageless(objectList(spec, 'initContainers')),
    }
  }
  const [now, before] = [optionalObject(pod, 'spec'), optionalObject(old, 'spec')]
  const errors: FieldError[] = []
  if (before?.nodeName !== undefined && now?.nodeName !== before.nodeName) {
    errors.push(forbiddenField('spec', 'pod updates may not change fields other than those that are allowed'))
  } else if (!isDeepStrictEqual(frozen(pod), frozen(old))) {
    errors.push(
      forbiddenField(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      ),
    )
  }
  return errors
}
