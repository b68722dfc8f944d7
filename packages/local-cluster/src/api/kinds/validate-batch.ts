import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import type { Json, JsonObject } from '../objects.ts'
import { parseCronSchedule } from '../validation/cron-schedule.ts'
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
const longestName = 52

/** Reference: pkg/apis/batch/validation.ValidateCronJobCreate. */
export function validateCronJob(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const name = stringOf(optionalObject(object, 'metadata'), 'name')
  // Eleven more come with each Job's time.
  if (name.length > longestName) {
    errors.push(invalidValue('metadata.name', name, `must be no more than ${longestName} characters`))
  }
  errors.push(...validateSchedule(stringOf(spec, 'schedule')), ...validateTimeZone(spec.timeZone))
  for (const key of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) {
    errors.push(...notNegative(`spec.${key}`, spec[key]))
  }
  if (!policies.includes(stringOf(spec, 'concurrencyPolicy'))) {
    errors.push(notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, policies))
  }
  const job = optionalObject(optionalObject(spec, 'jobTemplate'), 'spec') ?? {}
  return [...errors, ...validateJobSpec(job, 'spec.jobTemplate.spec')]
}

function validateSchedule(schedule: string): FieldError[] {
  if (schedule === '') return [required('spec.schedule')]
  if (schedule.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    return [invalidValue('spec.schedule', schedule, why)]
  }
  try {
    parseCronSchedule(schedule)
    return []
  } catch (error) {
    return [invalidValue('spec.schedule', schedule, error instanceof Error ? error.message : String(error))]
  }
}

function validateTimeZone(zone: Json): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [invalidValue('spec.timeZone', zone, 'timeZone must be nil or non-empty string')]
  if (String(zone).toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    return [invalidValue('spec.timeZone', zone, why)]
  }
  const known = !/[^A-Za-z0-9/_+-]/.test(String(zone)) && isTimeZone(String(zone))
  return known ? [] : [invalidValue('spec.timeZone', zone, `unknown time zone ${String(zone)}`)]
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false // A RangeError is how Intl says that it does not know the zone.
  }
}
