import { findSource } from '@slipway/db'
import type { WebhookView } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { webhookView } from '../views/webhook.ts'

/** Null while no repository is connected. */
export const webhookGet = appProcedure('webhook.read').query(async ({ ctx }): Promise<WebhookView | null> => {
  const source = await findSource(ctx.db, ctx.scope.app.id)
  return source && webhookView(ctx.config, source)
})
