import { z } from 'zod'

const statusSchema = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({ reason: z.string().optional(), message: z.string().optional(), field: z.string().optional() }),
        )
        .optional(),
    })
    .optional(),
  code: z.number().optional(),
})
export type StatusDetails = z.infer<typeof statusSchema>['details']

/** What the API server answered instead of what was asked for: its Status object, or an HTTP answer without one. */
export class KubeApiError extends Error {
  override name = 'KubeApiError'
  /** HTTP status; 0 where none was received. */
  readonly status: number
  /** Machine-readable word of the Status: NotFound, Conflict, Invalid, Forbidden, Expired… */
  readonly reason: string
  readonly details: StatusDetails

  constructor(status: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.status = status
    this.reason = reason
    this.details = details
  }
}

/** Reads an error answer. Never throws: a proxy's HTML page becomes an error with the status and its first words. */
export function toKubeApiError(status: number, body: string): KubeApiError {
  const parsed = statusSchema.safeParse(parseJson(body))
  const value = parsed.success ? parsed.data : {}
  const message = value.message ?? `the Kubernetes API answered ${status}: ${body.slice(0, 300).trim() || 'nothing'}`
  return new KubeApiError(value.code ?? status, value.reason ?? '', message, value.details)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // Not JSON: the caller falls back to the text.
  }
}

/** True for an error of the API server with this HTTP status. */
export function isStatus(error: unknown, status: number): error is KubeApiError {
  return error instanceof KubeApiError && error.status === status
}
export const isNotFound = (error: unknown): error is KubeApiError => isStatus(error, 404)
export const isConflict = (error: unknown): error is KubeApiError => isStatus(error, 409)
