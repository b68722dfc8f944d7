import { rotateWebhookSecret } from '@slipway/db'
import type { WebhookView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { webhookView } from '../views/webhook.ts'

/** What is signed with the old secret is rejected from now on. */
export const webhookRotateSecret = appProcedure('webhook.manage').mutation(
  async ({ ctx }): Promise<WebhookView> =>
    webhookView(ctx.config, await rotateWebhookSecret(ctx.db, { appId: ctx.scope.app.id, actor: ctx.caller })),
)
