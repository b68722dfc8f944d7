import { toAppError } from '@slipway/db'
import { AppError, type AppErrorCode, type ErrorDetails, fieldLabel, isAppError } from '@slipway/domain'
import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'

type TrpcCode = TRPCError['code']

const TRPC_CODE: Record<AppErrorCode, TrpcCode> = {
  invalid_input: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  quota_exceeded: 'UNPROCESSABLE_CONTENT',
  not_configured: 'UNPROCESSABLE_CONTENT',
  too_large: 'PAYLOAD_TOO_LARGE',
  rate_limited: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  internal: 'INTERNAL_SERVER_ERROR',
}

const APP_CODE: Partial<Record<TrpcCode, AppErrorCode>> = {
  PARSE_ERROR: 'invalid_input',
  BAD_REQUEST: 'invalid_input',
  METHOD_NOT_SUPPORTED: 'invalid_input',
  UNSUPPORTED_MEDIA_TYPE: 'invalid_input',
  UNAUTHORIZED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'not_found',
  CONFLICT: 'conflict',
  PAYLOAD_TOO_LARGE: 'too_large',
  TOO_MANY_REQUESTS: 'rate_limited',
  SERVICE_UNAVAILABLE: 'unavailable',
}

const INTERNAL_MESSAGE = 'Something went wrong on our side. Try again; if it persists, see the platform’s log.'

/** What goes to the caller beside tRPC's own fields. `fields` maps dotted input paths to what is wrong with them. */
export interface ErrorData {
  appCode: AppErrorCode
  details: ErrorDetails
  fields: Record<string, string>
}

const MAX_FIELDS = 50

type Issue = ZodError['issues'][number]

/** What is wrong, for people: of a record's key, what the key's own schema says. */
function messageOf(issue: Issue): string {
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') return issue.issues[0]?.message ?? issue.message
  return issue.message
}

function fieldsOf(error: ZodError): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const issue of error.issues.slice(0, MAX_FIELDS)) fields[issue.path.map(String).join('.')] ??= messageOf(issue)
  return fields
}

/** The AppError that stands for any error that left a procedure. Unknown ones become `internal`, with nothing of theirs shown. */
export function appErrorOf(error: TRPCError): AppError {
  const cause = toAppError(error.cause)
  if (isAppError(cause)) return cause
  if (cause instanceof ZodError) {
    const issue = cause.issues[0]
    const label = fieldLabel(issue?.path.map(String).join('.') ?? '')
    const message = issue ? (label ? `${label}: ${messageOf(issue)}` : messageOf(issue)) : 'The input is not valid.'
    return new AppError('invalid_input', message, {}, { cause })
  }
  const code = APP_CODE[error.code] ?? 'internal'
  if (code === 'internal') return new AppError('internal', INTERNAL_MESSAGE, {}, { cause: error })
  return new AppError(code, error.message, {}, { cause: error })
}

/** Gives an error that left a procedure the tRPC code, and so the HTTP status, of its AppError. */
export function toTrpcError(error: TRPCError): TRPCError {
  const appError = appErrorOf(error)
  return new TRPCError({ code: TRPC_CODE[appError.code], message: appError.message, cause: error.cause ?? error })
}

/** The error, with its status, of a request that came to no procedure. */
export const refusalOf = (error: unknown): TRPCError => toTrpcError(getTRPCErrorFromUnknown(error))

/** True for faults of ours: what is refused, or waits for a part that is away, is no news for the log. */
export const isDefect = (error: TRPCError): boolean => appErrorOf(error).code === 'internal'

/** `data` of an answered error. */
export function errorData(error: TRPCError): { message: string; data: ErrorData } {
  const appError = appErrorOf(error)
  const fields = error.cause instanceof ZodError ? fieldsOf(error.cause) : {}
  return { message: appError.message, data: { appCode: appError.code, details: appError.details, fields } }
}
