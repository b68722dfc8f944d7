import { listAudit } from '@slipway/db'
import { type AuditEventView, auditListInput, type Page } from '@slipway/domain'
import { teamProcedure } from '../procedures.ts'
import { auditEventView } from '../views/team.ts'

export const auditList = teamProcedure('audit.read')
  .input(auditListInput)
  .query(async ({ ctx, input }): Promise<Page<AuditEventView>> => {
    const { rows, nextCursor } = await listAudit(ctx.db, ctx.scope.team.id, input)
    return { items: rows.map(auditEventView), nextCursor }
  })
