import { createEnvironment } from '@slipway/db'
import { createEnvironmentInput, type ProjectView } from '@slipway/domain'
import { namespaceOf } from '@slipway/manifests'
import { projectProcedure } from '../procedures.ts'
import { loadProjectView } from '../views/team.ts'

export const environmentCreate = projectProcedure('environment.create')
  .input(createEnvironmentInput)
  .mutation(async ({ ctx, input }): Promise<ProjectView> => {
    const { team, project } = ctx.scope
    const namespace = namespaceOf(team.slug, project.slug, input.environment)
    await createEnvironment(ctx.db, {
      teamId: team.id,
      projectId: project.id,
      subject: `${team.slug}/${project.slug}/${input.environment}`,
      environment: { slug: input.environment, kind: input.kind, namespace },
      actor: ctx.caller,
    })
    return loadProjectView(ctx, ctx.scope)
  })
