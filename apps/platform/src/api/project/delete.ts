import { deleteProject } from '@slipway/db'
import { deleteProjectInput } from '@slipway/domain'
import { checkConfirmed } from '../confirm.ts'
import { type Empty, projectProcedure } from '../procedures.ts'

/** Takes its environments and apps along. What runs is taken down by the controllers. */
export const projectDelete = projectProcedure('project.delete')
  .input(deleteProjectInput)
  .mutation(async ({ ctx, input }): Promise<Empty> => {
    checkConfirmed(input.confirm, input.project)
    const { team, project } = ctx.scope
    const subject = `${team.slug}/${project.slug}`
    await deleteProject(ctx.db, { teamId: team.id, id: project.id, subject, actor: ctx.caller, now: ctx.now() })
    return {}
  })
