export { type BackoffOptions, backoffMs, DEFAULT_BACKOFF } from './backoff.ts'
export { type Clock, createManualClock, type ManualClock, systemClock } from './clock.ts'
export {
  type Controller,
  type ControllerOptions,
  type ControllerStats,
  createController,
  type Reconcile,
  type ReconcileContext,
  type ReconcileResult,
  TerminalError,
} from './controller.ts'
export { createTokenBucket, DEFAULT_RATE_LIMIT, type RateLimitOptions, type TokenBucket } from './token-bucket.ts'
export {
  createWorkqueue,
  type WorkObserver,
  type Workqueue,
  type WorkqueueOptions,
  type WorkqueueStats,
} from './workqueue.ts'
