import { listAppRows } from '@slipway/db'
import { type AppSummary, appListInput } from '@slipway/domain'
import { accountProcedure } from '../procedures.ts'
import { appSummary } from '../views/app.ts'
import { changes, checkCaller } from './changes.ts'

const MAX_REMEMBERED = 10_000

/** All apps of the account that the filter names, whenever one of them changed, came or went; at most twice a second. */
export const liveApps = accountProcedure.input(appListInput).subscription(async function* ({
  ctx,
  input,
  signal,
}): AsyncGenerator<AppSummary[]> {
  let last = ''
  const shown = new Set<string>()
  // An app that was never seen may be a new one of ours; one that was looked for and is not, is somebody else's.
  const foreign = new Set<string>()
  const pending = new Set<string>()
  const isRelevant = (appId: string) => {
    if (foreign.has(appId)) return false
    if (!shown.has(appId) && pending.size < MAX_REMEMBERED) pending.add(appId)
    return true
  }
  for await (const _ of changes(ctx, { isRelevant, intervalMs: 500, signal })) {
    const looked = [...pending]
    pending.clear()
    const caller = await checkCaller(ctx)
    const rows = await listAppRows(ctx.db, caller.userId, input)
    shown.clear()
    for (const { id } of rows) shown.add(id)
    if (foreign.size > MAX_REMEMBERED) foreign.clear()
    for (const id of looked) if (!shown.has(id)) foreign.add(id)
    const summaries = rows.map((row) => appSummary(ctx, row))
    const text = JSON.stringify(summaries)
    if (text === last) continue
    last = text
    yield summaries
  }
})
