import { addressOf, connectSource, findSource } from '@slipway/db'
import { AppError, connectSourceInput, type WebhookView } from '@slipway/domain'
import { NO_REGISTRY } from '../../apps/capabilities.ts'
import { appProcedure } from '../procedures.ts'
import { webhookView } from '../views/webhook.ts'

/** Connects the repository whose pushes deploy the app, once it answers. Connecting again keeps the webhook's address and secret. */
export const sourceConnect = appProcedure('webhook.manage')
  .input(connectSourceInput)
  .mutation(async ({ ctx, input }): Promise<WebhookView> => {
    if (!ctx.config.capabilities.builds) throw new AppError('not_configured', NO_REGISTRY)
    const { host, branch, accessToken } = input
    const { repositoryUrl, credentials } = addressOf(input)
    const known = await findSource(ctx.db, ctx.scope.app.id)
    const kept = known?.repositoryUrl === repositoryUrl ? known.credentials : null
    await ctx.ports.remotes.test({ host, repositoryUrl, branch, credentials: credentials ?? kept })
    const source = await connectSource(ctx.db, {
      appId: ctx.scope.app.id,
      host,
      repositoryUrl: input.repositoryUrl,
      branch,
      accessToken,
      actor: ctx.caller,
    })
    return webhookView(ctx.config, source)
  })
