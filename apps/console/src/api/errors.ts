import { APP_ERROR_CODES, type AppErrorCode, type ErrorDetails } from '@slipway/domain'
import { z } from 'zod'

/** What a person is told of an error, wherever it came from. */
export interface Problem {
  code: AppErrorCode
  /** What is wrong and what to do, to be shown as it is. */
  message: string
  details: ErrorDetails
  /** Dotted input paths to what is wrong with them. */
  fields: Record<string, string>
}

const errorData = z.object({
  appCode: z.enum(APP_ERROR_CODES),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  fields: z.record(z.string(), z.string()).default({}),
})

const OFFLINE =
  'The platform does not answer. Check your connection; if Slipway has just been started or updated, try again in a moment.'

/**
 * Reads an error of a call. One that carries the platform's own code and message keeps them; anything else means that no
 * answer came.
 */
export function problemOf(error: unknown): Problem {
  if (typeof error === 'object' && error !== null && 'data' in error && 'message' in error) {
    const parsed = errorData.safeParse(error.data)
    if (parsed.success) {
      const { appCode, details, fields } = parsed.data
      return { code: appCode, message: String(error.message), details, fields }
    }
  }
  return { code: 'unavailable', message: OFFLINE, details: {}, fields: {} }
}

/** True when trying the same call again may help. */
export function isTransient(error: unknown): boolean {
  return problemOf(error).code === 'unavailable'
}
