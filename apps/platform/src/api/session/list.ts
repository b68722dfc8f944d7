import { listSessions } from '@slipway/db'
import type { SessionView } from '@slipway/domain'
import { credentialsProcedure } from '../procedures.ts'
import { sessionView } from '../views/account.ts'

export const sessionList = credentialsProcedure.query(async ({ ctx }): Promise<SessionView[]> => {
  const { userId, credentialId } = ctx.caller
  const sessions = await listSessions(ctx.db, userId, ctx.config.sessionLifetime, ctx.now())
  return sessions.map((session) => sessionView(session, credentialId))
})
