import { isAlreadyExists, isNamespaceTerminating } from '../types/errors.ts'
import { Jobs } from '../types/resources.ts'
import { controllerRef, isControlledBy } from '../types/selectors.ts'
import { zonedTimestamp } from './cron-next.ts'
import type { Job } from './job-objects.ts'
import type { ControllerContext } from './kind-controller.ts'
import type { CronJob, ObjectReference } from './workload-objects.ts'

const COMPONENT = 'cronjob-controller'
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** One name for one time, so that no time is started twice: minutes since 1970. */
export const jobName = (cron: CronJob, dueMs: number) => `${cron.metadata.name}-${Math.floor(dueMs / 60_000)}`

export function referenceTo(job: Job): ObjectReference {
  const { namespace = '', name, uid = '', resourceVersion = '' } = job.metadata
  return { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion }
}

export function recordAbout(
  { api }: ControllerContext,
  cron: CronJob,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Promise<void> {
  return api.recordEvent({ about: cron, type, reason, message, component: COMPONENT })
}

/** The Job of a time, made now or before; null where its name belongs to another. @throws what the API refuses. */
export async function createScheduledJob(
  context: ControllerContext,
  cron: CronJob,
  dueMs: number,
  zone: string,
): Promise<Job | null> {
  const { metadata = {}, spec } = cron.spec.jobTemplate
  const key = { namespace: cron.metadata.namespace ?? '', name: jobName(cron, dueMs) }
  try {
    const job = await context.api.create<Job>({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...key,
        ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
        annotations: { ...metadata.annotations, [SCHEDULED_AT]: zonedTimestamp(dueMs, zone) },
        ownerReferences: [controllerRef(cron)],
      },
      ...{ spec: structuredClone(spec) },
    })
    await recordAbout(context, cron, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`)
    return job
  } catch (error) {
    if (isAlreadyExists(error)) {
      const job = await context.api.get<Job>(Jobs, key)
      return job !== null && isControlledBy(job, cron) ? job : null
    }
    if (isNamespaceTerminating(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    await recordAbout(context, cron, 'Warning', 'FailedCreate', `Error creating job: ${why}`)
    throw error
  }
}

/** Deletes a Job with its pods and takes it off the list of running ones. */
export async function deleteJob(context: ControllerContext, cron: CronJob, job: Job): Promise<void> {
  const { namespace = '', name, uid } = job.metadata
  await context.api.delete(Jobs, { namespace, name }, { propagationPolicy: 'Background' })
  if (cron.status?.active !== undefined) cron.status.active = cron.status.active.filter((each) => each.uid !== uid)
  await recordAbout(context, cron, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`)
}
