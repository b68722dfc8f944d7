import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { invalidValue, notNegative, required } from '../validation/fields.ts'
import { numberOf, objectList, optionalObject, stringOf } from './json.ts'

/** What a status that counts may say. */
interface Counts {
  /** In the order in which the real server looks at them. */
  fields: readonly string[]
  /** Those that can not be more than `replicas`. */
  ofReplicas?: readonly string[]
  /** `availableReplicas` can not be more than `readyReplicas`. */
  availableAreReady?: boolean
  /** `collisionCount` only grows. */
  collisions?: boolean
}

/** Holds a status to what can be counted. Reference: pkg/apis/apps/validation, the functions Validate*Status. */
function countsOf({ fields, ofReplicas = [], availableAreReady = false, collisions = false }: Counts) {
  return (part: string, object: JsonObject, old: JsonObject): FieldError[] => {
    if (part !== 'status') return []
    const [status, before] = [optionalObject(object, 'status'), optionalObject(old, 'status')]
    const count = (name: string) => numberOf(status, name) ?? 0
    const errors = fields.flatMap((name) => notNegative(`status.${name}`, count(name)))
    const tooMany = (name: string, what: string) =>
      errors.push(invalidValue(`status.${name}`, count(name), `cannot be greater than ${what}`))
    for (const name of ofReplicas) if (count(name) > count('replicas')) tooMany(name, 'status.replicas')
    if (availableAreReady && count('availableReplicas') > count('readyReplicas')) {
      tooMany('availableReplicas', 'readyReplicas')
    }
    const known = numberOf(before, 'collisionCount')
    if (collisions && known !== undefined && count('collisionCount') < known) {
      errors.push(invalidValue('status.collisionCount', count('collisionCount'), 'cannot be decremented'))
    }
    return errors
  }
}

export const deploymentCounts = countsOf({
  fields: [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ],
  ofReplicas: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
  availableAreReady: true,
  collisions: true,
})

export const replicaSetCounts = countsOf({
  fields: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
  ofReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
  availableAreReady: true,
})

export const statefulSetCounts = countsOf({
  fields: [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ],
  ofReplicas: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
  availableAreReady: true,
  collisions: true,
})

export const daemonSetCounts = countsOf({
  fields: [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'observedGeneration',
    'updatedNumberScheduled',
    'numberAvailable',
    'numberUnavailable',
    'collisionCount',
  ],
  collisions: true,
})

const jobCounts = countsOf({ fields: ['active', 'succeeded', 'failed', 'ready', 'terminating'] })

/** Reference: pkg/apis/batch/validation.ValidateJobStatusUpdate, of which this is what is counted. */
export function validateJobStatus(part: string, object: JsonObject, old: JsonObject): FieldError[] {
  const [status, before] = [optionalObject(object, 'status'), optionalObject(old, 'status')]
  const errors = jobCounts(part, object, old)
  for (const name of part === 'status' ? ['failed', 'succeeded'] : []) {
    const count = numberOf(status, name) ?? 0
    if (count >= (numberOf(before, name) ?? 0)) continue
    errors.push(invalidValue(`status.${name}`, count, `cannot decrease the ${name} counter`))
  }
  return errors
}

export const autoscalerCounts = countsOf({ fields: ['currentReplicas', 'desiredReplicas'] })

const budgetCounts = countsOf({ fields: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] })

export function validateBudgetStatus(part: string, object: JsonObject, old: JsonObject): FieldError[] {
  const conditions = part === 'status' ? objectList(optionalObject(object, 'status'), 'conditions') : []
  const missing = conditions.flatMap((condition, index) =>
    ['lastTransitionTime', 'reason']
      .filter((key) => stringOf(condition, key) === '')
      .map((key) => required(`status.conditions[${index}].${key}`)),
  )
  return [...budgetCounts(part, object, old), ...missing]
}
