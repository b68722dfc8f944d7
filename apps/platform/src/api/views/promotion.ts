import { promote } from '@slipway/db'
import type { PromotedView, promoteInput } from '@slipway/domain'
import type { z } from 'zod'
import type { Caller } from '../../auth/caller.ts'
import type { AppScope } from '../../auth/scope.ts'
import type { ApiContext } from '../context.ts'
import { releaseViewOf } from './release.ts'

/** Promotes a release. Throws as `promote` of packages/db does. */
export async function promoted(
  ctx: Pick<ApiContext, 'db' | 'config' | 'apps'> & { scope: AppScope; caller: Caller },
  input: z.infer<typeof promoteInput>,
  createMissing: boolean,
): Promise<PromotedView> {
  const { team, project, app } = ctx.scope
  const { release: number, to, ...ref } = input
  const release = await promote(ctx.db, {
    ...{ teamId: team.id, projectId: project.id, appId: app.id, ref, number, to },
    ...{ createMissing, appsDomain: ctx.config.appsDomain, actor: ctx.caller },
  })
  // Callers open the app next.
  await ctx.apps.refresh([release.appId])
  return { app: { ...ref, environment: to }, release: await releaseViewOf(ctx.db, release) }
}
