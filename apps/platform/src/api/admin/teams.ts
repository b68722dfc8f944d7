import { listTeams } from '@slipway/db'
import { type AdminTeamView, adminListInput, type Page } from '@slipway/domain'
import { operatorProcedure } from '../procedures.ts'
import { adminTeamView } from '../views/admin.ts'

export const adminTeams = operatorProcedure
  .input(adminListInput)
  .query(async ({ ctx, input }): Promise<Page<AdminTeamView>> => {
    const [{ rows, nextCursor }, measured] = await Promise.all([listTeams(ctx.db, input), ctx.ports.resources.used()])
    return { items: rows.map((row) => adminTeamView(row, measured)), nextCursor }
  })
