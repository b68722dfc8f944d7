import {
  DRAIN_SECONDS,
  describeHealthCheck,
  GRACE_SECONDS,
  HEALTH_CHECK_TIMINGS,
  isRouted,
  type OptionKey,
  optionsProblem,
  type ProcessOptions,
  type ProcessOptionsPatch,
  type ProcessView,
  processOptionsPatchSchema,
} from '@slipway/domain'
import { fieldErrors } from '#lib/form.ts'

/** The form of a process' options; figures as they are typed, empty for the default. */
export interface OptionsDraft {
  isChecked: boolean
  path: string
  port: string
  interval: string
  timeout: string
  failures: string
  stop: string
  drain: string
}

const text = (value: number | undefined) => (value === undefined ? '' : String(value))

/** The form as the process stands. */
export function draftOf({ options }: ProcessView): OptionsDraft {
  const { healthCheck: check, stopTimeoutSeconds, drainSeconds } = options
  return {
    isChecked: check !== undefined,
    path: check?.path ?? '/',
    port: text(check?.port),
    interval: text(check?.intervalSeconds),
    timeout: text(check?.timeoutSeconds),
    failures: text(check?.failureThreshold),
    stop: text(stopTimeoutSeconds),
    drain: text(drainSeconds),
  }
}

const numberOf = (typed: string) => (typed.trim() === '' ? undefined : Number(typed))

function checkOf(draft: OptionsDraft): NonNullable<ProcessOptionsPatch['healthCheck']> {
  const timings = {
    port: numberOf(draft.port),
    intervalSeconds: numberOf(draft.interval),
    timeoutSeconds: numberOf(draft.timeout),
    failureThreshold: numberOf(draft.failures),
  }
  const given = Object.entries(timings).filter(([, value]) => value !== undefined)
  return { path: draft.path.trim(), ...Object.fromEntries(given) }
}

/** What app.configureProcess is asked for: all that slipway.yaml does not set. */
export function patchOf(draft: OptionsDraft, fromFile: ReadonlySet<OptionKey>): ProcessOptionsPatch {
  const patch: ProcessOptionsPatch = {
    healthCheck: draft.isChecked ? checkOf(draft) : null,
    stopTimeoutSeconds: numberOf(draft.stop) ?? null,
    drainSeconds: numberOf(draft.drain) ?? null,
  }
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !fromFile.has(key as OptionKey)))
}

/** What is wrong, by dotted path. */
export function problemsOf({ kind }: ProcessView, patch: ProcessOptionsPatch): Record<string, string> {
  const errors = fieldErrors(processOptionsPatchSchema, patch)
  if (Object.keys(errors).length > 0) return errors
  const options: ProcessOptions = {
    healthCheck: patch.healthCheck ?? undefined,
    stopTimeoutSeconds: patch.stopTimeoutSeconds ?? undefined,
    drainSeconds: patch.drainSeconds ?? undefined,
  }
  const problem = optionsProblem(kind, options)
  if (problem === null) return {}
  return { [problem.key === 'healthCheck' ? 'healthCheck.port' : problem.key]: problem.message }
}

/** How a process is checked and stopped, in a line. */
export function checkWords({ kind, options }: Pick<ProcessView, 'kind' | 'options'>): string {
  const { healthCheck, stopTimeoutSeconds = GRACE_SECONDS, drainSeconds = DRAIN_SECONDS } = options
  const { intervalSeconds } = { ...HEALTH_CHECK_TIMINGS, ...healthCheck }
  const check = healthCheck
    ? `Healthy when ${describeHealthCheck(healthCheck)} answers, asked every ${intervalSeconds} s`
    : isRouted({ kind })
      ? 'Healthy when it listens on PORT'
      : 'Healthy while it runs'
  const drain = isRouted({ kind }) ? `, ${drainSeconds} s of it to drain` : ''
  return `${check} · ${stopTimeoutSeconds} s to stop${drain}`
}
