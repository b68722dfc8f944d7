import { listAccountEvents } from '@slipway/db'
import { type AccountEventView, type Page, pageInput } from '@slipway/domain'
import { credentialsProcedure } from '../procedures.ts'
import { accountEventView } from '../views/account.ts'

export const accountEvents = credentialsProcedure
  .input(pageInput)
  .query(async ({ ctx, input }): Promise<Page<AccountEventView>> => {
    const { rows, nextCursor } = await listAccountEvents(ctx.db, ctx.caller.userId, input)
    return { items: rows.map(accountEventView), nextCursor }
  })
