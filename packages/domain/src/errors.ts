/** The error vocabulary of the whole house. Each code is mapped once to tRPC/HTTP, once to a CLI exit code, once to the UI. */
export const APP_ERROR_CODES = [
  'invalid_input', // the request is malformed: 400
  'unauthenticated', // no or bad credentials: 401
  'forbidden', // known person, missing right: 403
  'not_found', // does not exist, or the caller may not know that it does: 404
  'conflict', // taken name, or a state that does not allow it now: 409
  'quota_exceeded', // would not fit; details carry the numbers: 422
  'not_configured', // the installation lacks a part (registry, ingress…): 422
  'too_large', // body or upload over its limit: 413
  'rate_limited', // details.retryAfterMs: 429
  'unavailable', // a part is away for now (database, cluster): 503
  'internal', // a defect of ours: 500
] as const
export type AppErrorCode = (typeof APP_ERROR_CODES)[number]

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/**
 * The one error that crosses boundaries. `message` says what is wrong and what to do, with the numbers, in plain English;
 * it is shown to people as it is and never holds a secret. `details` is for programs.
 */
export class AppError extends Error {
  readonly code: AppErrorCode
  readonly details: ErrorDetails
  constructor(code: AppErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** True for an AppError, also one that was thrown by another copy of this module. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error && 'details' in error
}

const HTTP_STATUS: Record<AppErrorCode, number> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  quota_exceeded: 422,
  not_configured: 422,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
}

/** The HTTP status code that stands for an error code. */
export function httpStatusOf(code: AppErrorCode): number {
  return HTTP_STATUS[code]
}
