import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { forbiddenField, invalidText, invalidValue, notNegative, notSupported } from '../validation/fields.ts'
import { dns1123Label } from '../validation/names.ts'
import { validateClaimSpec } from './validate-storage.ts'
import { goStrategy, validateWorkload } from './validate-workloads.ts'

const specOf = (object: JsonObject) => optionalObject(object, 'spec') ?? {}
const managementPolicies = ['OrderedReady', 'Parallel']
const retentionPolicies = ['Retain', 'Delete']

/** Reference: ValidateStatefulSetSpec of pkg/apis/apps/validation. */
export function validateStatefulSet(object: JsonObject): FieldError[] {
  const spec = specOf(object)
  const errors = validatePolicies(spec)
  errors.push(
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
  )
  errors.push(...notNegative('spec.ordinals.start', optionalObject(spec, 'ordinals')?.start))
  const service = stringOf(spec, 'serviceName')
  if (service !== '') {
    errors.push(...dns1123Label(service).map((why) => invalidValue('spec.serviceName', service, why)))
  }
  for (const [index, claim] of objectList(spec, 'volumeClaimTemplates').entries()) {
    errors.push(...validateClaimSpec(specOf(claim), `spec.volumeClaimTemplates[${index}].spec`))
  }
  errors.push(
    ...validateWorkload(spec, {
      emptyFor: 'statefulset',
      owner: 'StatefulSet',
      selector: 'required',
      wrongSelector: '',
    }),
  )
  return errors
}

function validatePolicies(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = []
  const management = stringOf(spec, 'podManagementPolicy')
  if (!managementPolicies.includes(management)) {
    errors.push(invalidValue('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'"))
  }
  const strategy = optionalObject(spec, 'updateStrategy')
  const [type, rolling] = [stringOf(strategy, 'type'), optionalObject(strategy, 'rollingUpdate')]
  const at = 'spec.updateStrategy'
  if (type !== 'OnDelete' && type !== 'RollingUpdate') {
    errors.push(invalidText(at, goStrategy(type, rolling), "must be 'RollingUpdate' or 'OnDelete'"))
  }
  if (type === 'OnDelete' && rolling !== null) {
    const text = JSON.stringify({ Partition: rolling.partition ?? 0, MaxUnavailable: null })
    errors.push(invalidText(`${at}.rollingUpdate`, text, "only allowed for updateStrategy 'RollingUpdate'"))
  }
  errors.push(...notNegative(`${at}.rollingUpdate.partition`, rolling?.partition))
  const retention = optionalObject(spec, 'persistentVolumeClaimRetentionPolicy')
  for (const key of ['whenDeleted', 'whenScaled']) {
    const policy = stringOf(retention, key)
    if (retentionPolicies.includes(policy)) continue
    errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, policy, retentionPolicies))
  }
  return errors
}

/** What of a StatefulSet may change. Reference: ValidateStatefulSetUpdate. */
export function validateStatefulSetUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const changeable = new Set([
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ])
  const frozen = (spec: JsonObject) => Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.has(key)))
  if (isDeepStrictEqual(frozen(specOf(object)), frozen(specOf(old)))) return []
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [forbiddenField('spec', why)]
}
