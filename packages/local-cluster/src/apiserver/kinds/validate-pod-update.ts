import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { forbiddenField, invalidValue } from '../validation/fields.ts'

const changeable = new Set(['activeDeadlineSeconds', 'tolerations', 'schedulingGates'])
const fixed =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

const specOf = (object: JsonObject) => optionalObject(object, 'spec') ?? {}

/**
 * Almost nothing of a pod's spec may change. The real server's sentence goes on with a diff of the two specs in Go's words,
 * which is left out here. Reference: ValidatePodUpdate.
 */
export function validatePodUpdate(pod: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [specOf(pod), specOf(old)]
  for (const list of ['containers', 'initContainers']) {
    if (objectList(now, list).length !== objectList(before, list).length) {
      return [forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
  }
  const deadline = validateDeadline(now, before)
  if (deadline.length > 0) return deadline
  const errors = [...validateAddedTolerations(now, before), ...validateRemovedGates(now, before)]
  if (!isDeepStrictEqual(frozen(now, before), frozen(before, before))) errors.push(forbiddenField('spec', fixed))
  return errors
}

/** What has to stay the same; a pod gets its node by a Binding, not by a write of `nodeName`. */
function frozen(spec: JsonObject, before: JsonObject): JsonObject {
  const imageless = (list: JsonObject[]) => list.map(({ image: _, ...container }) => container)
  const rest = Object.fromEntries(Object.entries(spec).filter(([key]) => !changeable.has(key)))
  const grace = numberOf(before, 'terminationGracePeriodSeconds') ?? 0
  if (grace < 0 && rest.terminationGracePeriodSeconds === 1) rest.terminationGracePeriodSeconds = grace
  // A pod that may not be scheduled yet may still be narrowed down.
  if (objectList(before, 'schedulingGates').length > 0 && keepsAll(stringMap(spec, 'nodeSelector'), before)) {
    delete rest.nodeSelector
  }
  return {
    ...rest,
    containers: imageless(objectList(spec, 'containers')),
    initContainers: imageless(objectList(spec, 'initContainers')),
  }
}

function keepsAll(selector: Record<string, string>, before: JsonObject): boolean {
  return Object.entries(stringMap(before, 'nodeSelector')).every(([key, value]) => selector[key] === value)
}

function validateDeadline(now: JsonObject, before: JsonObject): FieldError[] {
  const [seconds, earlier] = [numberOf(now, 'activeDeadlineSeconds'), numberOf(before, 'activeDeadlineSeconds')]
  if (earlier === undefined) return []
  const field = 'spec.activeDeadlineSeconds'
  if (seconds === undefined) return [invalidValue(field, null, 'must not update from a positive integer to nil value')]
  return seconds > earlier ? [invalidValue(field, seconds, 'must be less than or equal to previous value')] : []
}

function validateAddedTolerations(now: JsonObject, before: JsonObject): FieldError[] {
  const timeless = ({ tolerationSeconds: _, ...toleration }: JsonObject) => toleration
  const kept = objectList(now, 'tolerations').map(timeless)
  const all = objectList(before, 'tolerations').every((toleration) =>
    kept.some((other) => isDeepStrictEqual(other, timeless(toleration))),
  )
  return all
    ? []
    : [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

function validateRemovedGates(now: JsonObject, before: JsonObject): FieldError[] {
  const names = new Set(objectList(before, 'schedulingGates').map((gate) => stringOf(gate, 'name')))
  return objectList(now, 'schedulingGates').flatMap((gate, index) => {
    const name = stringOf(gate, 'name')
    if (names.has(name)) return []
    const why = `only deletion is allowed, but found new scheduling gate '${name}'`
    return [forbiddenField(`spec.schedulingGates[${index}].name`, why)]
  })
}
