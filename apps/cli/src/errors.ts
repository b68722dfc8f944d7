import { APP_ERROR_CODES, AppError, type ErrorDetails, fieldLabel, isAppError } from '@slipway/domain'
import { TRPCClientError } from '@trpc/client'
import { z } from 'zod'

const answered = z.object({
  appCode: z.enum(APP_ERROR_CODES),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  fields: z.record(z.string(), z.string()).default({}),
})

/** A message with everything that is wrong with the input, where more than one thing is. */
function withFields(message: string, fields: Record<string, string>): string {
  const lines = Object.entries(fields).map(([path, wrong]) => `  ${fieldLabel(path)}: ${wrong}`)
  return lines.length > 1 ? ['The input is not valid:', ...lines].join('\n') : message
}

/** Why no answer came, in the system's words: "connect ECONNREFUSED 127.0.0.1:3000". */
function causeOf(error: unknown): string {
  let found = error
  for (let depth = 0; depth < 5; depth++) {
    if (!(found instanceof Error) || !(found.cause instanceof Error)) break
    found = found.cause
  }
  if (found instanceof AggregateError && found.errors[0] instanceof Error) found = found.errors[0]
  return found instanceof Error ? found.message : String(found)
}

/** The AppError that stands for what a call to `url` threw. */
export function toAppError(error: unknown, url: string): AppError {
  if (isAppError(error)) return error
  if (!(error instanceof TRPCClientError)) {
    return new AppError('internal', error instanceof Error ? error.message : String(error), {}, { cause: error })
  }
  const parsed = answered.safeParse(error.data)
  if (parsed.success) {
    const { appCode, details, fields } = parsed.data
    return new AppError(appCode, withFields(error.message, fields), details as ErrorDetails, { cause: error })
  }
  const cause = causeOf(error)
  const message = /JSON|Unexpected token|not valid/i.test(cause)
    ? `${url} answers, but not as Slipway does. Check the address (SLIPWAY_URL).`
    : `No answer from ${url}: ${cause}. Is Slipway running there? Set SLIPWAY_URL to use another address.`
  return new AppError('unavailable', message, {}, { cause: error })
}
