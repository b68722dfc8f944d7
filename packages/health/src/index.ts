export { appHealth } from './app.ts'
export { type Certificate, certificateHealth } from './certificate.ts'

export { type JobOutcome, jobOutcome, jobWait, newestFirst } from './job.ts'
export { actionByLog } from './listening-hint.ts'
export { missingVariable } from './missing-variable.ts'

export { withVariable } from './repairs.ts'

export type { AppHealth, LogSource, Rollout, Why } from './result.ts'
export { type RunVerdict, runVerdict, runWaits } from './run.ts'
