import { connectSource, findSource } from '@slipway/db'
import { AppError, connectSourceInput, type WebhookView } from '@slipway/domain'
import { NO_REGISTRY } from '../capabilities.ts'
import { appProcedure } from '../procedures.ts'
import { webhookView } from '../views/webhook.ts'

/** Connects the repository whose pushes deploy the app, once it answers. Connecting again keeps the webhook's address and secret. */
export const sourceConnect = appProcedure('webhook.manage')
  .input(connectSourceInput)
  .mutation(async ({ ctx, input }): Promise<WebhookView> => {
    if (!ctx.config.capabilities.builds) throw new AppError('not_configured', NO_REGISTRY)
    const { host, repositoryUrl, branch, accessToken } = input
    const known = await findSource(ctx.db, ctx.scope.app.id)
    const keptToken = known?.repositoryUrl === repositoryUrl ? known.accessToken : null
    await ctx.ports.remotes.test({ host, repositoryUrl, branch, accessToken: accessToken ?? keptToken })
    const source = await connectSource(ctx.db, {
      appId: ctx.scope.app.id,
      host,
      repositoryUrl,
      branch,
      accessToken,
      actor: ctx.caller,
    })
    return webhookView(ctx.config, source)
  })
