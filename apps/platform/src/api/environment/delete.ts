import { deleteEnvironment } from '@slipway/db'
import { deleteEnvironmentInput } from '@slipway/domain'
import { checkConfirmed } from '../confirm.ts'
import { type Empty, environmentProcedure } from '../procedures.ts'

/** Takes its apps along. What runs is taken down by the controllers. */
export const environmentDelete = environmentProcedure('environment.delete')
  .input(deleteEnvironmentInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    checkConfirmed(input.confirm, input.environment)
    const { team, project, environment } = ctx.scope
    const subject = `${team.slug}/${project.slug}/${environment.slug}`
    await deleteEnvironment(ctx.db, { teamId: team.id, id: environment.id, subject, actor: ctx.caller, now: ctx.now() })
    return {}
  })
