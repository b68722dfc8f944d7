import { objectList, optionalObject, stringOf } from '../../../types/json.ts'
import type { JsonObject } from '../../../types/objects.ts'
import {
  age,
  ageColumn,
  column,
  count,
  humanDuration,
  name,
  nameColumn,
  type Printer,
  selectorText,
  since,
  spec,
  status,
  templateContainers,
} from './columns.ts'

const wide = [
  column('Containers', 'Names of each container in the template.', { priority: 1 }),
  column('Images', 'Images referenced by each container in the template.', { priority: 1 }),
]
const wideSelector = [...wide, column('Selector', 'Label selector for pods.', { priority: 1 })]

function selector(object: JsonObject): string {
  return selectorText(optionalObject(spec(object), 'selector'))
}

export const deploymentPrinter: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'Number of the pod with ready state'),
    column(
      'Up-to-date',
      'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
    ),
    column('Available', 'Total number of available non-terminating pods targeted by this deployment.'),
    ageColumn,
    ...wideSelector,
  ],
  cells: (object, nowMs) => [
    name(object),
    `${count(status(object), 'readyReplicas')}/${count(spec(object), 'replicas')}`,
    count(status(object), 'updatedReplicas'),
    count(status(object), 'availableReplicas'),
    age(object, nowMs),
    ...templateContainers(object),
    selector(object),
  ],
}

export const replicaSetPrinter: Printer = {
  columns: [
    nameColumn,
    column('Desired', 'Replicas is the number of desired pods.', { type: 'integer' }),
    column('Current', 'Replicas is the most recently observed number of non-terminating pods.', { type: 'integer' }),
    column('Ready', 'The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.', {
      type: 'integer',
    }),
    ageColumn,
    ...wideSelector,
  ],
  cells: (object, nowMs) => [
    name(object),
    count(spec(object), 'replicas'),
    count(status(object), 'replicas'),
    count(status(object), 'readyReplicas'),
    age(object, nowMs),
    ...templateContainers(object),
    selector(object),
  ],
}

export const statefulSetPrinter: Printer = {
  columns: [nameColumn, column('Ready', 'Number of the pod with ready state'), ageColumn, ...wide],
  cells: (object, nowMs) => [
    name(object),
    `${count(status(object), 'readyReplicas')}/${count(spec(object), 'replicas')}`,
    age(object, nowMs),
    ...templateContainers(object),
  ],
}

export const daemonSetPrinter: Printer = {
  columns: [
    nameColumn,
    ...['Desired', 'Current', 'Ready', 'Up-to-date', 'Available'].map((title) =>
      column(title, `${title} number of nodes or pods.`, { type: 'integer' }),
    ),
    column('Node Selector', 'Selector which must match a node for the pod to be scheduled on it.'),
    ageColumn,
    ...wideSelector,
  ],
  cells: (object, nowMs) => [
    name(object),
    ...[
      'desiredNumberScheduled',
      'currentNumberScheduled',
      'numberReady',
      'updatedNumberScheduled',
      'numberAvailable',
    ].map((key) => count(status(object), key)),
    '<none>',
    age(object, nowMs),
    ...templateContainers(object),
    selector(object),
  ],
}

function jobStatus(job: JsonObject): string {
  const conditions = objectList(status(job), 'conditions').filter((item) => item.status === 'True')
  const types = new Set(conditions.map((item) => stringOf(item, 'type')))
  if (types.has('Complete')) return 'Complete'
  if (types.has('Failed')) return 'Failed'
  if (stringOf(optionalObject(job, 'metadata'), 'deletionTimestamp') !== '') return 'Terminating'
  if (types.has('Suspended')) return 'Suspended'
  if (types.has('FailureTarget')) return 'FailureTarget'
  return types.has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function jobDuration(job: JsonObject, nowMs: number): string {
  const [start, end] = [stringOf(status(job), 'startTime'), stringOf(status(job), 'completionTime')]
  if (start === '') return ''
  return humanDuration((end === '' ? nowMs : Date.parse(end)) - Date.parse(start))
}

export const jobPrinter: Printer = {
  columns: [
    nameColumn,
    column('Status', 'Status of the job.'),
    column('Completions', 'Succeeded pods of the wanted completions.'),
    column('Duration', 'Time required to complete the job.'),
    ageColumn,
    ...wideSelector,
  ],
  cells(job, nowMs) {
    const wanted = spec(job).completions
    const parallelism = count(spec(job), 'parallelism')
    const succeeded = count(status(job), 'succeeded')
    const completions =
      typeof wanted === 'number'
        ? `${succeeded}/${wanted}`
        : `${succeeded}/1${parallelism > 1 ? ` of ${parallelism}` : ''}`
    return [
      name(job),
      jobStatus(job),
      completions,
      jobDuration(job, nowMs),
      age(job, nowMs),
      ...templateContainers(job),
      selector(job),
    ]
  },
}

export const cronJobPrinter: Printer = {
  columns: [
    nameColumn,
    column('Schedule', 'The schedule in Cron format.'),
    column('Timezone', 'The time zone name for the given schedule.'),
    column('Suspend', 'Whether subsequent executions are suspended.'),
    column('Active', 'Number of currently running jobs.', { type: 'integer' }),
    column('Last Schedule', 'When the job was last scheduled.'),
    ageColumn,
    ...wideSelector,
  ],
  cells(object, nowMs) {
    const last = stringOf(status(object), 'lastScheduleTime')
    const template = optionalObject(optionalObject(spec(object), 'jobTemplate'), 'spec') ?? {}
    return [
      name(object),
      stringOf(spec(object), 'schedule'),
      stringOf(spec(object), 'timeZone') || '<none>',
      spec(object).suspend === true ? 'True' : 'False',
      objectList(status(object), 'active').length,
      last === '' ? '<none>' : since(last, nowMs),
      age(object, nowMs),
      ...templateContainers({ spec: template }),
      '<none>',
    ]
  },
}

/** `daemonset.apps/web`: what controls an object; `<none>` where nothing does. */
