import {
  AppError,
  appRefSchema,
  environmentRefSchema,
  type Permission,
  projectRefSchema,
  type TokenScope,
  teamRefSchema,
} from '@slipway/domain'
import { initTRPC } from '@trpc/server'
import type { Caller } from '../auth/caller.ts'
import { requireScope } from '../auth/require-scope.ts'
import { appScope, environmentScope, projectScope, teamScope } from '../auth/scope.ts'
import type { ApiContext } from './context.ts'
import { errorData, toTrpcError } from './errors.ts'
import { callerKey, heldStream } from './limits.ts'

/** Who may call a procedure. Every procedure has one: what has none answers `internal` and fails a test. */
export interface ProcedureMeta {
  access: 'public' | 'account' | 'operator' | Permission
  /** With `account`: the least scope of API tokens. Reading for queries and everything for mutations when not given. */
  scope?: TokenScope
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

/**
 * Any page can make a browser send a request, with the cookies of its user or to a machine that only the browser reaches: what
 * changes or streams something must come from our own pages, or from a program.
 */
function checkOrigin(ctx: ApiContext, type: string): void {
  const guarded = type !== 'query' || ctx.transport === 'websocket'
  if (guarded && !ctx.sameOrigin) {
    throw new AppError('forbidden', 'This request comes from another site. Use Slipway’s own pages, or an API token.')
  }
}

const base = t.procedure
  .use(async ({ next }) => {
    const result = await next()
    if (!result.ok) throw toTrpcError(result.error)
    return result
  })
  .use(async ({ ctx, type, next }) => {
    const key = callerKey(ctx)
    const result = await ctx.limits.calls.run(key, () => next())
    if (type !== 'subscription' || !result.ok) return result
    return { ...result, data: heldStream(result.data as AsyncIterable<unknown>, ctx.limits, key) }
  })
  .use(async ({ ctx, meta, type, path, next }) => {
    if (!meta?.access) throw new AppError('internal', `The procedure ${path} does not declare who may call it.`)
    checkOrigin(ctx, type)
    // A WebSocket outlives the session or token that it was opened with.
    const identity = ctx.connection === undefined ? ctx.identity : await ctx.connection.identify()
    if (meta.access !== 'public') requireCaller({ identity })
    if (meta.access === 'account')
      requireScope(requireCaller({ identity }), meta.scope ?? (type === 'mutation' ? 'full' : 'read'))
    return next({ ctx: { identity } })
  })

/** The account behind a request. Throws `unauthenticated` with the reason. */
export function requireCaller(ctx: Pick<ApiContext, 'identity'>): Caller {
  const { caller, problem } = ctx.identity
  if (caller) return caller
  throw problem ?? new AppError('unauthenticated', SIGN_IN)
}

/** Needs no account. */
export const publicProcedure = base.meta({ access: 'public' })

const ofAccount = (meta: ProcedureMeta) =>
  base.meta(meta).use(({ ctx, next }) => next({ ctx: { caller: requireCaller(ctx) } }))

/** Any account. */
export const accountProcedure = ofAccount({ access: 'account' })
/** Operators of the installation only; of any team, or none. Puts `caller` into the context. */
export const operatorProcedure = base.meta({ access: 'operator' }).use(({ ctx, next }) => {
  const caller = requireCaller(ctx)
  requireScope(caller, 'full')
  if (!caller.operator) {
    throw new AppError('forbidden', 'Only operators of this installation can do this. Ask one of them.')
  }
  return next({ ctx: { caller } })
})
/** As accountProcedure, with any API token: what a token may do to itself. */
export const anyTokenProcedure = ofAccount({ access: 'account', scope: 'read' })
/** As accountProcedure, for what shows or changes how the account is signed in to: by sessions and tokens of full scope. */
export const credentialsProcedure = ofAccount({ access: 'account', scope: 'full' })

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
