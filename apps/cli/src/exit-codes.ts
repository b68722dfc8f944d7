import type { AppErrorCode } from '@slipway/domain'

/** Exit codes of every command, as docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  conflict: 5,
  quotaExceeded: 6,
  notConfigured: 7,
  tryAgain: 8,
  interrupted: 130,
} as const

const OF_CODE: Record<AppErrorCode, number> = {
  invalid_input: EXIT.usage,
  too_large: EXIT.usage,
  unauthenticated: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  not_found: EXIT.notFound,
  conflict: EXIT.conflict,
  quota_exceeded: EXIT.quotaExceeded,
  not_configured: EXIT.notConfigured,
  rate_limited: EXIT.tryAgain,
  unavailable: EXIT.tryAgain,
  internal: EXIT.failure,
}

/** The exit code that stands for an error code. */
export function exitCodeOf(code: AppErrorCode): number {
  return OF_CODE[code]
}
