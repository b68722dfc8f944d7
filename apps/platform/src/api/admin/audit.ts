import { listOperatorEvents } from '@slipway/db'
import { type OperatorEventView, type Page, pageInput } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'

export const adminAudit = operatorProcedure
  .input(pageInput)
  .query(async ({ ctx, input }): Promise<Page<OperatorEventView>> => {
    const { rows, nextCursor } = await listOperatorEvents(ctx.db, input)
    return { items: rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() })), nextCursor }
  })
