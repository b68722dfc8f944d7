import { disconnectSource } from '@slipway/db'
import { appProcedure, type Empty } from '../procedures.ts'

export const sourceDisconnect = appProcedure('webhook.manage').mutation(async ({ ctx }): Promise<Empty> => {
  await disconnectSource(ctx.db, { appId: ctx.scope.app.id, actor: ctx.caller })
  return {}
})
