import { listAccounts } from '@slipway/db'
import { type AdminAccountView, adminListInput, type Page } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'
import { adminAccountView } from '../views/admin.ts'

export const adminAccounts = operatorProcedure
  .input(adminListInput)
  .query(async ({ ctx, input }): Promise<Page<AdminAccountView>> => {
    const { rows, nextCursor } = await listAccounts(ctx.db, input)
    return { items: rows.map(adminAccountView), nextCursor }
  })
