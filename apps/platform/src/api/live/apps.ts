import { listTeamIds } from '@slipway/db'
import { type AppListChange, type AppSummary, appListInput } from '@slipway/domain'
import { sharedJsonOf, shareJson } from '../../apps/shared-json.ts'
import { createBell } from '../../server/pause.ts'
import { accountProcedure } from '../procedures.ts'
import { watchRights } from './rights.ts'
import { rounds } from './rounds.ts'

/** All apps of the account that the filter names; then each that changed, came or went. Teams that are joined or left count at once. */
export const liveApps = accountProcedure.input(appListInput).subscription(async function* ({
  ctx,
  input,
  signal,
}): AsyncGenerator<AppListChange> {
  const { apps } = ctx
  const bell = createBell()
  let teamIds = await listTeamIds(ctx.db, ctx.caller.userId)
  /** Null: the whole list. */
  let pending: Set<string> | null = null
  const sent = new Map<string, AppSummary>()
  const watch = watchRights(
    ctx,
    async (caller) => {
      const now = await listTeamIds(ctx.db, caller.userId)
      if (isSame(now, teamIds)) return
      teamIds = now
      pending = null
      bell.ring()
    },
    signal,
  )
  const stop = apps.onChange((id) => {
    const teamId = apps.wanted(id)?.teamId
    if (!sent.has(id) && (teamId === undefined || !teamIds.has(teamId))) return
    pending?.add(id)
    bell.ring()
  })
  try {
    await apps.fresh()
    for await (const _ of rounds(bell, ctx.connection, watch.signal)) {
      const isReset = pending === null
      if (isReset) sent.clear()
      const ids: Iterable<string> = pending ?? apps.list(teamIds, input)
      pending = new Set()
      const change = changeOf(ids, sent, (id) => (apps.isListed(id, teamIds, input) ? apps.summary(id) : undefined))
      if (isReset || change.changed.length > 0 || change.removed.length > 0) {
        yield withJson({ reset: isReset, ...change })
      }
    }
    watch.throwIfRefused()
  } finally {
    stop()
    watch.stop()
  }
})

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.size === b.size && [...a].every((id) => b.has(id))

/** What of these apps differs from what was sent, which is brought up to date. */
function changeOf(
  ids: Iterable<string>,
  sent: Map<string, AppSummary>,
  summaryOf: (id: string) => AppSummary | undefined,
): Omit<AppListChange, 'reset'> {
  const change: Omit<AppListChange, 'reset'> = { changed: [], removed: [] }
  for (const id of ids) {
    const before = sent.get(id)
    const now = summaryOf(id)
    if (now === before) continue
    if (now !== undefined) {
      sent.set(id, now)
      change.changed.push(now)
    } else if (before !== undefined) {
      sent.delete(id)
      change.removed.push(before.ref)
    }
  }
  return change
}

function withJson(change: AppListChange): AppListChange {
  return shareJson(change, () => {
    const changed = change.changed.map((each) => sharedJsonOf(each) ?? JSON.stringify(each))
    return `{"reset":${change.reset},"changed":[${changed.join(',')}],"removed":${JSON.stringify(change.removed)}}`
  })
}
