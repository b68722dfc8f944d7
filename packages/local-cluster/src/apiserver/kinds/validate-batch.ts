import { isDeepStrictEqual } from 'node:util'
import { parseCronSchedule } from '../../types/cron-schedule.ts'
import type { FieldError } from '../../types/errors.ts'
import { objectList, optionalObject, stringMap, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { immutableMessage, invalidValue, notNegative, notSupported, required } from '../validation/fields.ts'
import { matchesLabelSelector, validateLabelSelector } from '../validation/label-selector.ts'
import { validateJobPolicies } from './validate-job-policies.ts'
import { validateTemplate } from './validate-pod.ts'

const restartPolicies = ['OnFailure', 'Never']

/** Reference: pkg/apis/batch/validation.ValidateJobSpec. */
function validateJobSpec(spec: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = []
  const counts = ['parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished']
  for (const key of counts) errors.push(...notNegative(`${field}.${key}`, spec[key]))
  const modes = ['NonIndexed', 'Indexed']
  if (spec.completionMode !== undefined && !modes.includes(stringOf(spec, 'completionMode'))) {
    errors.push(notSupported(`${field}.completionMode`, spec.completionMode, modes))
  }
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'))
  }
  errors.push(...validateJobPolicies(spec, field))
  const template = optionalObject(spec, 'template') ?? {}
  const policy = stringOf(optionalObject(template, 'spec'), 'restartPolicy')
  if (policy !== 'Always') return [...errors, ...validateTemplate(template, `${field}.template`, { restartPolicies })]
  // Always is the default, so what is said is that another one has to be chosen.
  errors.push(...validateTemplate(template, `${field}.template`, { restartPolicies: ['Always'] }))
  return [...errors, required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]
}

export function validateJob(object: JsonObject): FieldError[] {
  const spec = optionalObject(object, 'spec') ?? {}
  const errors = validateJobSpec(spec, 'spec')
  const metadata = optionalObject(object, 'metadata')
  const selector = optionalObject(spec, 'selector')
  errors.push(...validateLabelSelector(selector, 'spec.selector'))
  const generated = { matchLabels: { 'batch.kubernetes.io/controller-uid': stringOf(metadata, 'uid') } }
  if (selector === null) errors.push(required('spec.selector'))
  else if (spec.manualSelector !== true && !isDeepStrictEqual(selector, generated)) {
    errors.push(invalidValue('spec.selector', selector, '`selector` not auto-generated'))
  }
  const pods = optionalObject(optionalObject(spec, 'template'), 'metadata')
  const labels = optionalObject(pods, 'labels')
  if (!matchesLabelSelector(selector, stringMap(pods, 'labels'))) {
    const why = '`selector` does not match template `labels`'
    errors.push(invalidValue('spec.template.metadata.labels', labels, why))
  }
  return errors
}

/** What of a suspended job's pods may still be said: where they run, and how they are labelled. */
function templateFrozen(spec: JsonObject, suspended: boolean): JsonObject | null {
  const template = optionalObject(spec, 'template')
  if (template === null || !suspended) return template
  const {
    nodeSelector: _n,
    tolerations: _t,
    affinity: _a,
    schedulingGates: _g,
    ...pod
  } = optionalObject(template, 'spec') ?? {}
  const containers = ['containers', 'initContainers'].map((list) =>
    objectList(pod, list).map(({ resources: _r, ...container }) => container),
  )
  return { ...pod, containers: containers[0] ?? [], initContainers: containers[1] ?? [] }
}

export function validateJobUpdate(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [optionalObject(object, 'spec') ?? {}, optionalObject(old, 'spec') ?? {}]
  const suspended = before.suspend === true
  const frozen = ['completions', 'selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex']
  const errors = frozen.flatMap((key) =>
    isDeepStrictEqual(now[key], before[key]) ? [] : [invalidValue(`spec.${key}`, now[key], immutableMessage)],
  )
  if (!isDeepStrictEqual(templateFrozen(now, suspended), templateFrozen(before, suspended))) {
    errors.push(invalidValue(suspended ? 'spec.template.spec' : 'spec.template', now.template, immutableMessage))
  }
  return errors
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
  const at = 'spec.jobTemplate.spec'
  errors.push(...validateJobSpec(job, at))
  if (job.selector !== undefined) {
    errors.push(invalidValue(`${at}.selector`, job.selector, '`selector` will be auto-generated'))
  }
  if (job.manualSelector === true) errors.push(notSupported(`${at}.manualSelector`, true, ['nil', 'false']))
  return errors
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
