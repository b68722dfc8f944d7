import { z } from 'zod'
import { isRouted, type ProcessKind } from './process-kind.ts'

/** How long an instance has to stop, in seconds (terminationGracePeriodSeconds): the pause before SIGTERM counts. */
export const GRACE_SECONDS = 30

/**
 * How long a stopping web instance goes on serving before it gets SIGTERM, in seconds: the time that endpoints and
 * ingresses need to take it off their lists. Counts against the grace period.
 */
export const DRAIN_SECONDS = 5

/** Timings of a health check where none are given. */
export const HEALTH_CHECK_TIMINGS = { intervalSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 } as const

const seconds = (min: number, max: number) =>
  z
    .number('Enter seconds, such as 5.')
    .int('Use whole seconds.')
    .min(min, `Use at least ${min} s.`)
    .max(max, `Use at most ${max} s.`)

const PATH_WORDS = 'Enter a path such as /healthz, without spaces.'

/** An HTTP request that tells whether an instance may be sent requests: answers of 200 to 399 say yes, as in Kubernetes. */
export const healthCheckSchema = z.strictObject({
  path: z
    .string()
    .trim()
    .max(500)
    .regex(/^\/[^\s#]*$/, PATH_WORDS)
    .describe('What is asked for: GET <path>. Answers of 200 to 399 are healthy.'),
  port: z
    .number('Enter a port, such as 9090.')
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Default: the port in PORT. A process that is told none has to name it.'),
  intervalSeconds: seconds(1, 300).optional().describe(`Default: ${HEALTH_CHECK_TIMINGS.intervalSeconds}.`),
  timeoutSeconds: seconds(1, 60)
    .optional()
    .describe(`A later answer counts as none. Default: ${HEALTH_CHECK_TIMINGS.timeoutSeconds}.`),
  failureThreshold: z
    .number()
    .int()
    .min(1)
    .max(30)
    .optional()
    .describe(
      `An instance gets no requests after so many failures. Default: ${HEALTH_CHECK_TIMINGS.failureThreshold}.`,
    ),
})
export type HealthCheck = z.infer<typeof healthCheckSchema>

/** What slipway.yaml, the Processes page and the command line say of a process beyond how it starts. */
export const processOptionsSchema = z.strictObject({
  healthCheck: healthCheckSchema.optional().describe('Without one, an instance is healthy that listens on PORT.'),
  stopTimeoutSeconds: seconds(1, 3600)
    .optional()
    .describe(`An instance has this long to stop before it is killed, draining included. Default: ${GRACE_SECONDS}.`),
  drainSeconds: seconds(0, 600)
    .optional()
    .describe(`A stopping web instance serves on for so long before it gets SIGTERM. Default: ${DRAIN_SECONDS}.`),
})
export type ProcessOptions = z.infer<typeof processOptionsSchema>
export type OptionKey = keyof ProcessOptions
export const OPTION_KEYS = Object.keys(processOptionsSchema.shape) as OptionKey[]

/** A change of options: what is not named stays, null goes back to the default. */
export const processOptionsPatchSchema = z.strictObject({
  healthCheck: processOptionsSchema.shape.healthCheck.unwrap().nullable().optional(),
  stopTimeoutSeconds: processOptionsSchema.shape.stopTimeoutSeconds.unwrap().nullable().optional(),
  drainSeconds: processOptionsSchema.shape.drainSeconds.unwrap().nullable().optional(),
})
export type ProcessOptionsPatch = z.infer<typeof processOptionsPatchSchema>

/** The options among an object's fields; what is not set is left out. */
export function optionsIn(from: Partial<Record<OptionKey, unknown>>): ProcessOptions {
  return Object.fromEntries(
    OPTION_KEYS.filter((key) => from[key] !== undefined && from[key] !== null).map((key) => [key, from[key]]),
  )
}

/** What options cannot be together, by key; null when they can. */
export function optionsProblem(kind: ProcessKind, options: ProcessOptions): { key: OptionKey; message: string } | null {
  const { healthCheck, stopTimeoutSeconds = GRACE_SECONDS, drainSeconds } = options
  if (healthCheck && healthCheck.port === undefined && !isRouted({ kind })) {
    return { key: 'healthCheck', message: `Name the port: a ${kind} process is told none to listen on.` }
  }
  if (drainSeconds !== undefined && !isRouted({ kind })) {
    return { key: 'drainSeconds', message: `A ${kind} process gets no requests, so there is nothing to drain.` }
  }
  if ((drainSeconds ?? 0) >= stopTimeoutSeconds) {
    return {
      key: 'drainSeconds',
      message: `Drain for less than the ${stopTimeoutSeconds} s that an instance has to stop.`,
    }
  }
  return null
}

/** "GET /healthz", with its port where that is another than PORT. */
export function describeHealthCheck({ path, port }: HealthCheck): string {
  return `GET ${port === undefined ? '' : `:${port}`}${path}`
}

/** One option in words; null stands for the default. */
export function describeOption(key: OptionKey, options: ProcessOptions): string {
  switch (key) {
    case 'healthCheck': {
      const check = options.healthCheck
      if (check === undefined) return 'health check none'
      const { intervalSeconds, timeoutSeconds, failureThreshold } = { ...HEALTH_CHECK_TIMINGS, ...check }
      return `health check ${describeHealthCheck(check)} every ${intervalSeconds} s, ${timeoutSeconds} s to answer, out after ${failureThreshold} failures`
    }
    case 'stopTimeoutSeconds':
      return `stop timeout ${options.stopTimeoutSeconds ?? GRACE_SECONDS} s`
    case 'drainSeconds':
      return `drain ${options.drainSeconds ?? DRAIN_SECONDS} s`
  }
}
