import { z } from 'zod'
import { BuildFailure } from '../failure.ts'
import { parseJson } from './json.ts'

/** A registry that refuses, fails or cannot be reached, as a sentence for the build log. */
export class RegistryFailure extends BuildFailure {
  override name = 'RegistryFailure'
  /** HTTP status; null: no answer came. */
  readonly status: number | null
  /** What the registry asks to wait before the next request. */
  readonly retryAfterMs: number | null

  constructor(message: string, action: string, status: number | null, retryAfterMs: number | null = null) {
    super(message, action)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Where a request went and what it was for, as the sentences need it. */
export interface Attempt {
  host: string
  repository: string
  /** `push a layer`, `pull the base image`: after "to". */
  purpose: string
  hasCredentials: boolean
}

const OPERATOR = 'Ask your operator to'
const operator = 'your operator'
const bodySchema = z.object({
  errors: z
    .array(z.object({ code: z.string().optional(), message: z.string().optional(), detail: z.unknown() }))
    .min(1),
})
/** Error number of a full disk, as Go's storage drivers pass it on. */
const ENOSPC = 28
const fullDiskSchema = z.object({ Enclosed: z.object({ Err: z.literal(ENOSPC) }) })

/** The failure that an unexpected answer stands for; its body is read. */
export async function failureOf(response: Response, attempt: Attempt): Promise<RegistryFailure> {
  const text = (await response.text().catch(() => '')).slice(0, 10_000)
  const parsed = bodySchema.safeParse(parseJson(text))
  const first = parsed.success ? parsed.data.errors[0] : undefined
  const said = first?.message ?? (text.startsWith('<') ? '' : text.trim().slice(0, 200))
  const isFull = response.status === 507 || fullDiskSchema.safeParse(first?.detail).success
  const { message, action } = isFull ? fullDisk(attempt) : sentences(response.status, said, attempt)
  return new RegistryFailure(message, action, response.status, retryAfter(response.headers.get('retry-after')))
}

const fullDisk = ({ host }: Attempt) => ({
  message: `The disk of the registry ${host} is full.`,
  action: `${OPERATOR} free space there or give it a larger volume, then push again.`,
})

function sentences(status: number, said: string, { host, repository, purpose, hasCredentials }: Attempt) {
  const quoted = said === '' ? '' : `: ${said.replace(/\.$/, '')}`
  switch (status) {
    case 401:
      return hasCredentials
        ? {
            message: `The registry ${host} does not accept its credentials, so Slipway cannot ${purpose}.`,
            action: `${OPERATOR} correct the registry's user name and password.`,
          }
        : {
            message: `The registry ${host} wants credentials to ${purpose}, and this build has none.`,
            action: `${OPERATOR} set the registry's user name and password.`,
          }
    case 403:
      return {
        message: `The registry ${host} does not allow this build to ${purpose} (${repository})${quoted}.`,
        action: `${OPERATOR} give the registry's user that right.`,
      }
    case 404:
      return {
        message: `The registry ${host} has no ${repository}, so Slipway cannot ${purpose}${quoted}.`,
        action: 'Check the name; some registries need the repository to be created first.',
      }
    case 413:
      return {
        message: `A layer of the image is larger than the registry ${host} or a proxy before it takes.`,
        action: `Remove large files from the app, or let ${operator} raise that limit.`,
      }
    case 429:
      return {
        message: `The registry ${host} limits how many requests it answers, and the limit is reached${quoted}.`,
        action: hasCredentials
          ? 'Wait a while and push again.'
          : `Wait a while and push again; with credentials for ${host} the limit is higher.`,
      }
    default:
      return {
        message: `The registry ${host} answered ${status} when asked to ${purpose}${quoted}.`,
        action: 'Push again; if it fails again, the log of the registry says why.',
      }
  }
}

const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*|ERR_TLS_CERT_ALTNAME_INVALID)$/

/** The failure that a request without an answer stands for. */
export function unreachable(error: unknown, { host, purpose }: Attempt): RegistryFailure {
  const code = codeOf(error)
  if (CERTIFICATE.test(code)) {
    return new RegistryFailure(
      `The certificate of the registry ${host} is not trusted (${code}).`,
      `${OPERATOR} add its authority with NODE_EXTRA_CA_CERTS.`,
      null,
    )
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return new RegistryFailure(
      `The registry ${host} does not speak TLS.`,
      `If it is meant to speak plain HTTP, ask ${operator} to set SLIPWAY_REGISTRY_PUSH_URL to http://${host}.`,
      null,
    )
  }
  return new RegistryFailure(
    `The registry ${host} cannot be reached to ${purpose} (${code}).`,
    'Push again in a while; if it fails again, ask your operator to check its address.',
    null,
  )
}

const AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_\w+)$/

/** Whether the other side may be back in a moment: it refused, or cut the connection. */
export const isAway = (error: unknown): boolean => AWAY.test(codeOf(error))

/** `cause.code` of fetch's errors, which have none themselves. */
function codeOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') return each.code
  }
  return error instanceof Error ? error.message : String(error)
}

const MAX_WAIT_MS = 60_000

/** Reference: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
function retryAfter(header: string | null): number | null {
  if (header === null) return null
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_WAIT_MS) : null
}
