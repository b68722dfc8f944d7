import {
  AppError,
  appRefSchema,
  environmentRefSchema,
  type Permission,
  projectRefSchema,
  teamRefSchema,
} from '@slipway/domain'
import { initTRPC } from '@trpc/server'
import type { Caller } from '../auth/caller.ts'
import type { ApiContext } from './context.ts'
import { errorData, toTrpcError } from './errors.ts'
import { appScope, environmentScope, projectScope, teamScope } from './scope.ts'

/** Who may call a procedure. Every procedure has one: what has none answers `internal` and fails a test. */
export interface ProcedureMeta {
  access: 'public' | 'account' | Permission
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter({ shape, error }) {
      const { message, data } = errorData(error)
      const { code, httpStatus, path } = shape.data
      return { ...shape, message, data: { code, httpStatus, path, ...data } }
    },
  })

export const router = t.router
/** Calls procedures in process, with the same checks as over the wire. */
export const createCallerFactory = t.createCallerFactory

/** The answer of what has nothing to say. */
export type Empty = Record<string, never>

const SIGN_IN = 'Sign in, or send an API token.'

/** Cookies come along with whatever page makes a request: what changes or streams something must come from our own. */
function checkOrigin(ctx: ApiContext, type: string): void {
  const guarded = type !== 'query' || ctx.transport === 'websocket'
  if (guarded && ctx.identity.caller?.via === 'cookie' && !ctx.sameOrigin) {
    throw new AppError('forbidden', 'This request comes from another site. Use Slipway’s own pages, or an API token.')
  }
}

const base = t.procedure
  .use(async ({ next }) => {
    const result = await next()
    if (!result.ok) throw toTrpcError(result.error)
    return result
  })
  .use(({ ctx, meta, type, path, next }) => {
    if (!meta?.access) throw new AppError('internal', `The procedure ${path} does not declare who may call it.`)
    checkOrigin(ctx, type)
    if (meta.access === 'public') return next()
    requireCaller(ctx)
    return next()
  })

/** The account behind a request. Throws `unauthenticated` with the reason. */
export function requireCaller(ctx: ApiContext): Caller {
  const { caller, problem } = ctx.identity
  if (caller) return caller
  throw problem ?? new AppError('unauthenticated', SIGN_IN)
}

/** Needs no account. */
export const publicProcedure = base.meta({ access: 'public' })

/** Any account. */
export const accountProcedure = base
  .meta({ access: 'account' })
  .use(({ ctx, next }) => next({ ctx: { caller: requireCaller(ctx) } }))

/**
 * Members of the team that the input names whose role holds `permission`. Puts `caller` and `scope` into the context.
 * To everyone else the team does not exist.
 */
export const teamProcedure = (permission: Permission) =>
  base
    .meta({ access: permission })
    .input(teamRefSchema)
    .use(async ({ ctx, input, next }) => {
      const caller = requireCaller(ctx)
      return next({ ctx: { caller, scope: await teamScope(ctx.db, caller, input, permission) } })
    })

/** As teamProcedure, for a project of the team. */
export const projectProcedure = (permission: Permission) =>
  base
    .meta({ access: permission })
    .input(projectRefSchema)
    .use(async ({ ctx, input, next }) => {
      const caller = requireCaller(ctx)
      return next({ ctx: { caller, scope: await projectScope(ctx.db, caller, input, permission) } })
    })

/** As teamProcedure, for an environment of the team. */
export const environmentProcedure = (permission: Permission) =>
  base
    .meta({ access: permission })
    .input(environmentRefSchema)
    .use(async ({ ctx, input, next }) => {
      const caller = requireCaller(ctx)
      return next({ ctx: { caller, scope: await environmentScope(ctx.db, caller, input, permission) } })
    })

/** As teamProcedure, for an app of the team. */
export const appProcedure = (permission: Permission) =>
  base
    .meta({ access: permission })
    .input(appRefSchema)
    .use(async ({ ctx, input, next }) => {
      const caller = requireCaller(ctx)
      return next({ ctx: { caller, scope: await appScope(ctx.db, caller, input, permission) } })
    })
