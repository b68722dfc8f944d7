import { isDatabaseAway } from '@slipway/db'
import { isAppError } from '@slipway/domain'
import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/**
 * Fields that may hold a secret wherever they turn up in a log entry, one and two levels deep. Bodies are never logged;
 * this is for what slips in with an error or an options object.
 */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'set-cookie',
  '"set-cookie"',
  '"x-gitlab-token"',
  '"x-hub-signature-256"',
  'password',
  'secret',
  'token',
  'accessToken',
  'secretKey',
  'sessionSecret',
  'databaseUrl',
  'config',
  'value',
  'set',
  'SOURCE_TOKEN',
].filter((name) => name !== 'set-cookie')

function redactPaths(): string[] {
  const under = (prefix: string, field: string) =>
    field.startsWith('"') ? `${prefix}[${field}]` : `${prefix}.${field}`
  return SECRET_FIELDS.flatMap((field) => [
    field.startsWith('"') ? `[${field}]` : field,
    under('*', field),
    under('*.*', field),
  ])
}

/** An error as it is logged: with its stack where that helps, which is where nobody expected it. */
function loggableError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const isRefusal = error.name === 'KubeApiError' && 'status' in error && Number(error.status) < 500
  const isExpected = (isAppError(error) && error.code !== 'internal') || isRefusal || isDatabaseAway(error)
  return isExpected ? { type: error.name, message: error.message } : pino.stdSerializers.err(error)
}

/** Structured logs on stdout, one JSON line an entry, with secrets taken out. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'platform' },
    redact: { paths: redactPaths(), censor: '[redacted]' },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: loggableError },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** A request's path as it may be logged: no query (it holds inputs), no secrets of links. */
export function loggablePath(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.replace(/^(\/(?:invite|reset)\/)[^/]+/, '$1[redacted]').slice(0, 300)
}
