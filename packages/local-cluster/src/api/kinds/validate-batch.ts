import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import type { JsonObject } from '../objects.ts'
import { immutableMessage, invalidValue, notNegative, notSupported, required } from '../validation/fields.ts'
import { optionalObject, stringOf } from './json.ts'
import { validateTemplate } from './validate-pod.ts'

const batch = { restartPolicies: ['Never', 'OnFailure'] }

/** Reference: pkg/apis/batch/validation.ValidateJobSpec. */
function validateJobSpec(spec: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = []
  const counts = ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished']
  for (const key of counts) errors.push(...notNegative(`${field}.${key}`, spec[key]))
  const modes = ['Indexed', 'NonIndexed']
  if (spec.completionMode !== undefined && !modes.includes(stringOf(spec, 'completionMode'))) {
    errors.push(notSupported(`${field}.completionMode`, spec.completionMode, modes))
  }
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'))
  }
  const template = optionalObject(spec, 'template') ?? {}
  const policy = stringOf(optionalObject(template, 'spec'), 'restartPolicy')
  if (policy === 'Always') {
    errors.push({
      ...notSupported(`${field}.template.spec.restartPolicy`, policy, batch.restartPolicies),
      message: 'Required value: valid values: "OnFailure", "Never"',
      reason: 'FieldValueRequired',
    })
    return [...errors, ...validateTemplate(template, `${field}.template`, { restartPolicies: ['Always'] })]
  }
  return [...errors, ...validateTemplate(template, `${field}.template`, batch)]
}

export function validateJob(object: JsonObject): FieldError[] {
  return validateJobSpec(optionalObject(object, 'spec') ?? {}, 'spec')
}

export function validateJobUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec') ?? {}, optionalObject(old, 'spec') ?? {}]
  const suspended = before.suspend === true
  const frozen = ['completions', 'selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex']
  if (!suspended) frozen.push('template')
  return frozen.flatMap((key) =>
    isDeepStrictEqual(now[key], before[key]) ? [] : [invalidValue(`spec.${key}`, now[key], immutableMessage)],
  )
}

const policies = ['Allow', 'Forbid', 'Replace']
const cronField = /^(\*|\?|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(\/\d+)?(,(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(\/\d+)?)*$/

export function validateCronJob(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const schedule = stringOf(spec, 'schedule')
  const errors: FieldError[] = []
  if (schedule === '') errors.push(required('spec.schedule'))
  else if (!/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every .+)$/.test(schedule)) {
    const fields = schedule.trim().split(/\s+/)
    if (fields.length !== 5) {
      const why = `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
      errors.push(invalidValue('spec.schedule', schedule, why))
    } else if (!fields.every((part) => cronField.test(part))) {
      errors.push(invalidValue('spec.schedule', schedule, 'failed to parse'))
    }
  }
  if (!policies.includes(stringOf(spec, 'concurrencyPolicy'))) {
    errors.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, policies))
  }
  for (const key of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    errors.push(...notNegative(`spec.${key}`, spec[key]))
  }
  const job = optionalObject(optionalObject(spec, 'jobTemplate'), 'spec') ?? {}
  return [...errors, ...validateJobSpec(job, 'spec.jobTemplate.spec')]
}
