import { listDeliveries } from '@slipway/db'
import { appPageInput, type DeliveryView, type Page } from '@slipway/domain'
import { appProcedure } from '../procedures.ts'
import { deliveryView } from '../views/webhook.ts'

export const deliveryList = appProcedure('webhook.read')
  .input(appPageInput)
  .query(async ({ ctx, input }): Promise<Page<DeliveryView>> => {
    const { rows, nextCursor } = await listDeliveries(ctx.db, ctx.scope.app.id, input)
    return { items: rows.map(deliveryView), nextCursor }
  })
