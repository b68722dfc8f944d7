import { type AppError, isAppError } from '@slipway/domain'
import { TRPCError } from '@trpc/server'
import type { Caller } from '../../auth/caller.ts'
import { appErrorOf } from '../errors.ts'
import { appRouter } from '../index.ts'
import { createCallerFactory } from '../procedures.ts'
import type { ApiServer } from './api-server.ts'

/** Calls procedures in process as this account, null for nobody. */
export function callAs(server: Pick<ApiServer, 'dependencies'>, caller: Caller | null, address = '127.0.0.1') {
  return createCallerFactory(appRouter)({
    ...server.dependencies,
    identity: { caller, problem: null },
    address,
    sameOrigin: true,
    transport: 'http',
  })
}

/** The AppError with which a call fails. Throws when it does not fail, or with something else. */
export async function errorOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof TRPCError) return appErrorOf(error)
  if (isAppError(error)) return error
  throw new Error(`It should have failed, and did not: ${String(error)}`)
}
