import { childObject, objectList, optionalObject, setDefault, startStatus, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { CronJobs, Jobs } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { defaultPodTemplate } from './pod-defaults.ts'
import { validateCronJob, validateJob, validateJobUpdate } from './validate-batch.ts'
import { cronJobWarnings, workloadWarnings } from './warnings.ts'

/** The largest int32. */
const mostFailures = 2_147_483_647

function defaultJobSpec(spec: JsonObject, ownsSelector: boolean): void {
  defaultPodTemplate(childObject(spec, 'template'))
  for (const rule of objectList(optionalObject(spec, 'podFailurePolicy'), 'rules')) {
    for (const condition of objectList(rule, 'onPodConditions')) setDefault(condition, 'status', 'True')
  }
  if (!ownsSelector) return
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  setDefault(spec, 'parallelism', 1)
  // With a limit for each index there is none for all of them together.
  setDefault(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : mostFailures)
  setDefault(spec, 'completionMode', 'NonIndexed')
  setDefault(spec, 'suspend', false)
  setDefault(spec, 'manualSelector', false)
  setDefault(spec, 'podReplacementPolicy', spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed')
}

/** Reference: pkg/registry/batch/job.generateSelector. */
function generateSelector(object: JsonObject): void {
  const spec = childObject(object, 'spec')
  const metadata = childObject(object, 'metadata')
  if (spec.manualSelector === true) return
  const labels = childObject(childObject(childObject(spec, 'template'), 'metadata'), 'labels')
  const [uid, name] = [stringOf(metadata, 'uid'), stringOf(metadata, 'name')]
  labels['batch.kubernetes.io/controller-uid'] = uid
  labels['batch.kubernetes.io/job-name'] = name
  labels['controller-uid'] = uid
  labels['job-name'] = name
  const selector = childObject(spec, 'selector')
  childObject(selector, 'matchLabels')['batch.kubernetes.io/controller-uid'] = uid
}

/** A job without labels carries its template's: the same map, so that those which are generated later are in both. */
function inheritLabels(object: JsonObject): void {
  const template = optionalObject(optionalObject(object, 'spec'), 'template')
  const labels = optionalObject(optionalObject(template, 'metadata'), 'labels')
  const metadata = childObject(object, 'metadata')
  if (metadata.labels === undefined && labels !== null) metadata.labels = labels
}

export const jobs: KindRules = {
  type: Jobs,
  categories: ['all'],
  hasStatus: true,
  generation: 'spec',
  zero: { spec: { template: { metadata: {}, spec: { containers: null } } }, status: {} },
  defaults(object) {
    const spec = childObject(object, 'spec')
    defaultJobSpec(spec, true)
    inheritLabels(object)
  },
  prepareForCreate(object) {
    startStatus(object)
    generateSelector(object)
    inheritLabels(object)
  },
  validate: validateJob,
  warnings: workloadWarnings,
  validateUpdate: validateJobUpdate,
  fieldLabels: {
    'status.successful': (object) => String(optionalObject(object as unknown as JsonObject, 'status')?.succeeded ?? 0),
  },
}

export const cronJobs: KindRules = {
  type: CronJobs,
  shortNames: ['cj'],
  categories: ['all'],
  hasStatus: true,
  generation: 'spec',
  zero: {
    spec: {
      schedule: '',
      jobTemplate: { metadata: {}, spec: { template: { metadata: {}, spec: { containers: null } } } },
    },
    status: {},
  },
  defaults(object) {
    const spec = childObject(object, 'spec')
    setDefault(spec, 'concurrencyPolicy', 'Allow')
    setDefault(spec, 'suspend', false)
    setDefault(spec, 'successfulJobsHistoryLimit', 3)
    setDefault(spec, 'failedJobsHistoryLimit', 1)
    const template = childObject(spec, 'jobTemplate')
    setDefault(template, 'metadata', {})
    defaultJobSpec(childObject(template, 'spec'), false)
  },
  prepareForCreate: (object) => startStatus(object),
  validate: validateCronJob,
  warnings: cronJobWarnings,
}
