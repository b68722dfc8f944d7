import { planPromotion, readProcesses, refusalOfPromotion } from '@slipway/db'
import { type PromotionPlanView, processDifferences, promoteInput } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { commitsBetween } from '../views/release-diff.ts'

/** What promoting a release would change where it goes. */
export const releasePlanPromotion = appProcedure('app.read')
  .input(promoteInput)
  .query(async ({ ctx, input }): Promise<PromotionPlanView> => {
    const { team, project, app } = ctx.scope
    const { release: number, to, ...ref } = input
    const place = { teamId: team.id, projectId: project.id, appId: app.id }
    const { release, target, sibling, missingConfig } = await planPromotion(ctx.db, { ...place, ref, number, to })
    const refusal = await refusalOfPromotion(ctx.db, {
      ...{ ...place, ref, number, to, createMissing: true },
      ...{ appsDomain: ctx.config.appsDomain, actor: ctx.caller },
    })
    const current = sibling?.current ?? null
    return {
      target,
      exists: sibling !== null,
      current: current?.number ?? null,
      currentImage: current?.image ?? null,
      image: release.image,
      commits:
        current === null
          ? { added: [], removed: [], hasMore: false, note: 'Nothing runs there yet.' }
          : await commitsBetween(ctx, app.id, current, release),
      processes: processDifferences(readProcesses(current?.processes ?? []), readProcesses(release.processes)),
      missingConfig,
      refusal,
    }
  })
