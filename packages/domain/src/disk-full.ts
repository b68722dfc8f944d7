import { AppError } from './errors.ts'

/** The one sentence for it, in the API, the readiness check and the console. */
export const DISK_FULL =
  'The disk is full: nothing new can be stored. Running apps keep running. Free up space on Slipway’s machine, or give it a larger disk.'

/** A write that found no space. `details.reason` is for programs. */
export const diskFullError = (cause?: unknown): AppError =>
  new AppError('unavailable', DISK_FULL, { reason: 'disk_full' }, { cause })
