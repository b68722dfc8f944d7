import type { StoredObservation } from '@slipway/db'
import { HEALTH_STATUSES, type Health, RUN_STATES, repairSchema, stateOf, type WhyView } from '@slipway/domain'
import { z } from 'zod'
import type { ObservedApp } from './observed.ts'

/** Rows of before states were kept have none: it follows from the reason. */
const healthSchema = z
  .object({
    status: z.enum(HEALTH_STATUSES),
    state: z.enum(RUN_STATES).optional().catch(undefined),
    reason: z.string(),
    message: z.string(),
    action: z.string().nullable(),
  })
  .transform((health): Health => ({ ...health, state: health.state ?? stateOf(health) }))
/** Rows of before causes were kept have none: the sentence stands for it. */
const whySchema = z
  .object({
    sentence: z.string(),
    cause: z.string().optional(),
    action: z.string(),
    reason: z.string().default(''),
    detail: z.string().nullable().default(null),
    repairs: z.array(repairSchema).catch([]),
    logTail: z.array(z.string()),
    instance: z.string().nullable(),
    process: z.string().nullable(),
    build: z.number().nullable(),
  })
  .transform((why): WhyView => ({ ...why, cause: why.cause ?? why.sentence }))

const UNKNOWN: Health = {
  status: 'Unknown',
  state: 'unknown',
  reason: 'NotObserved',
  message: 'The cluster has not answered yet.',
  action: 'Wait a moment. If this persists, check that the cluster is running.',
}

/** The last that was written down, for as long as nothing is observed. */
export function storedObservation({ health, why, servingRelease }: StoredObservation): ObservedApp {
  return {
    health: healthSchema.safeParse(health).data ?? UNKNOWN,
    why: whySchema.nullable().safeParse(why).data ?? null,
    servingRelease,
    instances: [],
    processes: {},
    rollout: null,
    releaseCommandWait: null,
    source: 'stored',
    lookAgainInMs: null,
  }
}
