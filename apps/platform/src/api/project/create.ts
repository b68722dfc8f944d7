import { createProject } from '@slipway/db'
import { createProjectInput, type ProjectView } from '@slipway/domain'
import { namespaceOf } from '@slipway/manifests'
import { teamProcedure } from '../procedures.ts'
import { loadProjectView } from '../views/team.ts'

/** Comes with an environment `production`. */
export const projectCreate = teamProcedure('project.create')
  .input(createProjectInput)
  .mutation(async ({ ctx, input }): Promise<ProjectView> => {
    const { team } = ctx.scope
    const { project: slug, name } = input
    const namespace = namespaceOf(team.slug, slug, 'production')
    const id = await createProject(ctx.db, {
      teamId: team.id,
      team: team.slug,
      slug,
      name,
      environment: { slug: 'production', kind: 'production', namespace },
      actor: ctx.caller,
    })
    return loadProjectView(ctx, { ...ctx.scope, project: { id, slug, name } })
  })
