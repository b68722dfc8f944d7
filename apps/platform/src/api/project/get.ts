import type { ProjectView } from '@slipway/domain'
import { projectProcedure } from '../procedures.ts'
import { loadProjectView } from '../views/team.ts'

export const projectGet = projectProcedure('team.read').query(
  ({ ctx }): Promise<ProjectView> => loadProjectView(ctx, ctx.scope),
)
