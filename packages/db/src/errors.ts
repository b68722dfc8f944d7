import { AppError, diskFullError } from '@slipway/domain'
import { Prisma } from './generated/client.ts'

/** Name of the unique constraint that an error is about (`apps_environmentId_slug_key`), null when it is about none. */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return null
  const adapterError: unknown = error.meta?.driverAdapterError
  return findConstraint(adapterError) ?? findConstraint(error.meta) ?? 'unknown'
}

function findConstraint(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  if ('constraint' in value) {
    const { constraint } = value
    if (typeof constraint === 'string') return constraint
    if (typeof constraint === 'object' && constraint !== null) {
      if ('index' in constraint && typeof constraint.index === 'string') return constraint.index
      if ('fields' in constraint && Array.isArray(constraint.fields)) {
        return constraint.fields.map((field) => String(field).replaceAll('"', '')).join(',')
      }
    }
  }
  return 'cause' in value ? findConstraint(value.cause) : null
}

/** Prisma's codes for a database that cannot be reached, closed the connection, or has none free. */
const AWAY_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'])
/** Node's socket errors, and SQLSTATE classes 08 (connection) and 57P (operator intervention). */
const AWAY_DRIVER_CODE = /^(ECONN\w+|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|08\w{3}|57P\w{2})$/
const AWAY_MESSAGE =
  /ECONNREFUSED|ECONNRESET|EPIPE|Connection terminated|terminating connection|starting up|shutting down|timeout exceeded when trying to connect/

/** True when the database could not be reached or went away: the same request may work in a moment. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof Prisma.PrismaClientInitializationError) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const isOfPrisma =
    error instanceof Prisma.PrismaClientKnownRequestError || error instanceof Prisma.PrismaClientUnknownRequestError
  if (isOfPrisma) return AWAY_CODES.has(code) || AWAY_DRIVER_CODE.test(code) || AWAY_MESSAGE.test(error.message)
  // ENOENT and its like also come from files: of those, only the ones of a socket are the database's.
  const isOfSocket = 'syscall' in error && error.syscall === 'connect'
  const isOfDriver = 'severity' in error || isOfSocket || /^(ECONN|EPIPE)/.test(code)
  return (isOfDriver && AWAY_DRIVER_CODE.test(code)) || AWAY_MESSAGE.test(error.message)
}

/** SQLSTATE 53100, and what Postgres and Node say of a file that could not be extended. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return code === '53100' || code === 'ENOSPC' || /\b53100\b|No space left on device/.test(error.message)
}

/**
 * The AppError for an error of the database: `conflict` for a taken name, `unavailable` while the database is away.
 * Everything else comes back as it is.
 */
export function toAppError(error: unknown): unknown {
  const constraint = violatedConstraint(error)
  if (constraint) {
    return new AppError('conflict', 'This already exists. Choose another name.', { constraint }, { cause: error })
  }
  if (isDiskFull(error)) return diskFullError(error)
  if (isDatabaseAway(error)) {
    return new AppError('unavailable', 'The database cannot be reached. Try again in a moment.', {}, { cause: error })
  }
  return error
}

/** Runs `work`; a violated unique constraint becomes `conflict` with this message, other errors go through `toAppError`. */
export async function orConflict<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const constraint = violatedConstraint(error)
    if (constraint) throw new AppError('conflict', message, { constraint }, { cause: error })
    throw error
  }
}
